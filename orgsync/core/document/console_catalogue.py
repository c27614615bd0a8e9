"""The settings that have no endpoint, as data: what each means, where the Console shows it, how often to look.

A new setting is one row. Sources: what the Admin API has no method for (SDK 2.12.0; guides on the Admin API,
authentication, workspaces and rate limits); the support pages on paying for API usage and on single sign-on for
the names of the pages. Where no source names the page, `where` ends at the area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from orgsync.core.words.duration import written_duration

_BILLING = "Console > Settings > Billing"
_LIMITS = "Console > Settings > Limits"
_ORGANIZATION = "Console > Settings > Organization"
_IDENTITY = "Console > Settings > Identity and access"
_SETTINGS = "Console > Settings"

ON_OFF = ("on", "off")

_SETTINGS_UPDATED = ("claude_organization_settings_updated",)
_CONNECTION = ("activated", "deactivated", "deleted")
_PROVISIONING = ("org_sso_provisioning_mode_changed",)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that only a person can see.

    `days` is how often to look unless the file says otherwise. With `choices`, a value is one of them; after a comma,
    whatever else the Console shows may follow (`on, below 10 USD`). Without, it is free text. `outdated_by` are the
    types of records of the Activity Feed that make an older attestation stale; where such a record is about several
    settings, only one that has the `update`.
    """

    key: str
    title: str
    meaning: str
    where: str
    days: int
    example: str
    choices: tuple[str, ...] = ()
    outdated_by: tuple[str, ...] = ()
    update: str | None = None

    @property
    def every(self) -> timedelta:
        """How often to look."""
        return timedelta(days=self.days)

    @property
    def interval(self) -> str:
        """How often to look, as it is written: `90d`."""
        return written_duration(self.every)


SETTINGS = (
    Setting(
        "organization_name",
        "organization name",
        "The display name of the organization. It can only be changed in the Console; the UUID never changes.",
        _ORGANIZATION,
        365,
        "Acme Robotics",
        outdated_by=_SETTINGS_UPDATED,
        update="name",
    ),
    Setting(
        "workspace_policy",
        "Workspace Policy",
        "The organization's rules for its workspaces. The API refuses a workspace that breaks them.",
        _SETTINGS,
        180,
        "every workspace has the encryption key of the security team",
    ),
    Setting(
        "sso",
        "single sign-on",
        "Whether people sign in through the company's identity provider.",
        _IDENTITY,
        180,
        "on, required, Okta",
        ON_OFF,
        outdated_by=("org_sso_toggled", *(f"org_sso_connection_{what}" for what in _CONNECTION)),
    ),
    Setting(
        "jit_provisioning",
        "just-in-time provisioning",
        "Whether the first sign-in creates a member. While it is on, the API cannot create invites.",
        _IDENTITY,
        180,
        "off",
        ON_OFF,
        outdated_by=_PROVISIONING,
    ),
    Setting(
        "scim_provisioning",
        "SCIM provisioning",
        "Whether the identity provider adds and removes members. While it is on, the API can do neither.",
        _IDENTITY,
        180,
        "off",
        ON_OFF,
        outdated_by=(*_PROVISIONING, "org_directory_sync_activated", "org_directory_sync_deleted"),
    ),
    Setting(
        "allowed_email_domains",
        "allowed e-mail domains",
        "The domains that invites may go to. An invite to any other address is refused.",
        _SETTINGS,
        180,
        "acme.com, acme.example",
        outdated_by=_SETTINGS_UPDATED,
        update="allowed_invite_domains",
    ),
    Setting(
        "key_expiry_maximum",
        "maximum key expiry",
        "The longest time a new API key may be valid for. An expiry is set when the key is made and never changes.",
        _SETTINGS,
        180,
        "90 days",
    ),
    Setting(
        "billing_address",
        "billing address",
        "The address on invoices.",
        _BILLING,
        365,
        "Acme Robotics GmbH, Hauptstr. 1, 10115 Berlin",
        outdated_by=("organization_address_updated",),
    ),
    Setting(
        "tax_id",
        "tax id",
        "The tax id on invoices.",
        _BILLING,
        365,
        "DE123456789",
    ),
    Setting(
        "currency",
        "billing currency",
        "The currency the organization is billed in. Every spend limit is an amount of it.",
        _BILLING,
        365,
        "USD",
    ),
    Setting(
        "payment_method",
        "payment method",
        "The card or account that is charged, and who is responsible for it.",
        _BILLING,
        90,
        "card ending 4242, finance@acme.com",
        outdated_by=("payment_method_updated",),
    ),
    Setting(
        "auto_reload",
        "auto-reload",
        "Whether credits are bought automatically, below which balance, and up to which. Without any the API stops.",
        _BILLING,
        90,
        "on, below 100 USD, up to 500 USD",
        ON_OFF,
        outdated_by=("prepaid_auto_recharge_updated", "prepaid_auto_recharge_disabled"),
    ),
    Setting(
        "credit_balance_floor",
        "credit balance floor",
        "The minimum prepaid credit. Credits expire one year after purchase.",
        _BILLING,
        30,
        "at least 500 USD",
    ),
    Setting(
        "invoice_contacts",
        "invoice contacts",
        "Who gets the invoices.",
        _BILLING,
        180,
        "finance@acme.com",
        outdated_by=("billing_emails_updated",),
    ),
    Setting(
        "spend_notifications",
        "spend notifications",
        "Who is notified about spending, and at which amounts.",
        _LIMITS,
        180,
        "finance@acme.com at 80 % of the monthly limit",
        outdated_by=("platform_spend_limit_alert_emails_updated", "workspace_spend_limit_alert_emails_updated"),
    ),
    Setting(
        "usage_tier",
        "usage tier",
        "The tier that limits the monthly cost. The API may show the limit, but cannot change it.",
        _LIMITS,
        90,
        "Scale",
        ("Start", "Build", "Scale", "Custom"),
    ),
)

CATALOGUE = {setting.key: setting for setting in SETTINGS}
"""Every setting by its key under `console:`."""
