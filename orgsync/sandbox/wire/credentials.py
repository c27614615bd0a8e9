"""Who is calling, and whether that credential may.

Source: Admin API: credentials. Keys come as bearer or `x-api-key`, OAuth tokens as bearer only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsync.sandbox.wire import emails, roles
from orgsync.sandbox.wire.errors import Refusal, forbidden
from orgsync.sandbox.wire.switches import ADMIN_KEY, Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgsync.sandbox.wire.context import Call
    from orgsync.sandbox.wire.store import Row, Store
    from orgsync.sandbox.wire.switches import Settings

ADMIN = Credential(secret=ADMIN_KEY)
CONSOLE = Credential(secret="a colleague in the Console")  # noqa: S106 - no secret: the Console needs none
BEARER = "bearer "


def caller_of(call: Call, settings: Settings, store: Store) -> Credential:
    """The credential behind a request, or the refusal its sender gets."""
    if call.console:
        return CONSOLE
    if "origin" in call.headers:
        raise Refusal(401, "CORS requests are not allowed for this organization")
    credential = _known(call.headers, settings)
    if credential.status != "active":
        raise Refusal(401, f"This credential is {credential.status}")
    if credential.kind == "workspace_key":
        raise Refusal(settings.foreign_credential, "A key that is bound to a workspace cannot use the Admin API")
    # A token without a person is that of a service account, which the organization gave full rights.
    if credential.kind == "personal_key" or (credential.kind == "oauth_token" and credential.email is not None):
        _check_person(credential, store)
    return credential


def check_scope(caller: Credential, scope: str | None) -> None:
    """Scoped keys reach only what their scopes name; everyone else has full rights here."""
    if caller.kind != "scoped_key":
        return
    if scope is None:
        raise forbidden("A scoped API key cannot use this endpoint")
    if scope not in caller.scopes:
        raise forbidden(roles.missing_scope(caller.scopes, scope))


def person_of(caller: Credential, store: Store) -> Row | None:
    """The user a credential acts for; Admin keys, scoped keys and service accounts act for nobody."""
    if caller.email is None:
        return None
    return store.row("SELECT id, role FROM users WHERE email_person = :email", email=emails.same_person(caller.email))


def _known(headers: Mapping[str, str], settings: Settings) -> Credential:
    authorization = headers.get("authorization", "")
    bearer = authorization[len(BEARER) :].strip() if authorization.lower().startswith(BEARER) else None
    key = headers.get("x-api-key")
    if bearer is None and key is None:
        raise Refusal(401, "A credential is required: send `authorization: Bearer` or `x-api-key`")
    secret = key if bearer is None else bearer
    for credential in (ADMIN, *settings.credentials):
        if credential.secret == secret and not (credential.kind == "oauth_token" and bearer is None):
            return credential
    raise Refusal(401, "invalid bearer token" if bearer is not None else "invalid x-api-key")


def _check_person(credential: Credential, store: Store) -> None:
    person = person_of(credential, store)
    if person is None:
        raise Refusal(401, "The person this credential belongs to is not a member of the organization")
    if person["role"] not in roles.ADMIN_ROLES:
        raise forbidden("The person this credential belongs to is not an admin of the organization")
