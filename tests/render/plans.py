"""Plans made by hand: what the renderers are shown."""

from __future__ import annotations

from typing import Any

from orgsync.core.model.change import (
    Action,
    Allowance,
    Cause,
    Change,
    Digests,
    FieldChange,
    Level,
    ManualStep,
    Note,
    Organization,
    Place,
    Plan,
    Raised,
    Risk,
    Selection,
    Summary,
    Verdict,
)
from orgsync.core.model.meaning import Meaning
from orgsync.core.plan.schema import FORMAT_VERSION, sealed
from orgsync.core.words.address import Address, address

ACME = Organization("12345678-1234-5678-1234-567812345678", "Acme")
NOW = "2026-11-22T09:30:00Z"


def plan(changes: tuple[Change, ...] = (), *, identities: dict[str, str] | None = None, **parts: Any) -> Plan:
    """A plan with true digests and a true summary."""
    identities = identities or {}
    counted = {action.value: sum(change.action is action for change in changes) for action in Action}
    people = {part: len(parts.get(part, ())) for part in ("manual", "waiting", "findings")}
    unsealed = Plan(
        format_version=FORMAT_VERSION,
        orgsync="0.2.0",
        organization=parts.pop("organization", ACME),
        planned_at=NOW,
        digests=Digests("a" * 64, "b" * 64),
        changes=changes,
        identities=identities,
        present=parts.pop("present", {"member": 40, "workspace": 6}),
        summary=Summary(**counted, **people),
        requests=parts.pop("requests", 7),
        **parts,
    )
    return sealed(unsealed)


def rich() -> Plan:
    """Every section, every action, every risk and cause."""
    return plan(
        _changes(),
        identities={"workspace:production": "wrkspc_01AbCd", "member:raj@acme.com": "user_01Raj"},
        manual=_manual(),
        waiting=_waiting(),
        findings=_findings(),
        guards=_guards(refused=False),
        allowed=(
            Allowance(Address("workspace:old-poc"), "the proof of concept is over, CH-41", "2026-12-31"),
            Allowance(Address("api_key:old-poc/notebook"), id="apikey_01Notebook"),
        ),
        raised=(Raised("max_grants", 400, "the course of spring 2027, CH-77", "2027-03-01"),),
    )


def refused() -> Plan:
    """Two guards say no."""
    return plan(
        tuple(
            Change(
                address("member", f"contractor-{number:02}@acme.com"),
                Action.REMOVE,
                (_field("role", "user"),),
                id=f"user_01Contractor{number:02}",
                risk=Risk.R1,
                reason="not declared",
                meaning=(Meaning.WITHDRAWS,),
                absent=True,
            )
            for number in range(1, 15)
        ),
        guards=_guards(refused=True),
    )


def settled() -> Plan:
    """Nothing to do, for anybody."""
    return plan(guards=_guards(refused=False))


def hostile() -> Plan:
    """Names that try to command the terminal, to hide, and to push everything else off the page."""
    ansi, bidi = "\x1b[2J\x1b[1;31mAcme\x07", "admin\u202egnp.exe\u2066"
    return plan(
        (
            Change(
                Address(f"workspace:{ansi}"),
                Action.UPDATE,
                (_field("name", bidi, "a\nb\tc\r\n\u200b\ud800"), _field(f"tags.{bidi}", None, "x" * 10_000)),
                reason="first line\n\n- member:ceo@acme.com will be removed",
                effects=("::stop-commands::token", "##[error]not from orgsync"),
                source=Place("org\x1b]0;title\x07.yaml", 3),
            ),
            Change(Address(f"member:{'very-long-' * 1000}@acme.com"), Action.INVITE, (_field("role", None, "user"),)),
            Change(
                Address("workspace:生産-環境-é-🙂"), Action.CREATE, (_field("tags.所有者", None, "データ 基盤 " * 12),)
            ),
        ),
        organization=Organization("id\u2028\x9b31m", 'A"c\\me\x00'),
        waiting=(Note(Address("member:a\u00a0b@acme.com"), "invite\x1bpending", "::warning::not from orgsync"),),
        selection=Selection(
            (f"workspace:{ansi}", f"member:{'very-long-' * 1000}*"),
            ("`a`</details>\n::error::b\x1b[2J",),
            along=(Address(f"workspace:{bidi}"),),
            held_back=(Address("workspace:a\n- b"),),
            outside=Summary(create=2, findings=1),
        ),
    )


def large(number: int = 5_000) -> Plan:
    """As many changes as a first plan of a big organization."""
    return plan(
        tuple(
            Change(
                address("member", f"person-{index:05}@acme.com"),
                Action.INVITE,
                (_field("role", None, "developer"),),
                cause=Cause.CONFIG,
                risk=Risk.R1,
                reason="declared in the files",
                source=Place("members.yaml", index + 3),
                effects=("sends 1 e-mail",),
                meaning=(Meaning.GRANTS,),
            )
            for index in range(number)
        )
    )


def _field(path: str, before: Any, after: Any = None) -> FieldChange:
    return FieldChange(path, before, after)


def _changes() -> tuple[Change, ...]:
    return (
        Change(
            Address("workspace:data-science"),
            Action.CREATE,
            (
                _field("name", None, "data-science"),
                _field("color", None, "#6C5BB9"),
                _field("tags", None, {"cost-center": "r-and-d", "env": "prod", "owner": "platform@acme.com"}),
                _field("data_residency.default_inference_geo", None, "us"),
                _field("data_residency.allowed_inference_geos", None, ["us"]),
            ),
            cause=Cause.CONFIG,
            source=Place("org.yaml", 31),
        ),
        Change(
            Address("workspace:production"),
            Action.UPDATE,
            (
                _field("data_residency.default_inference_geo", "global", "us"),
                _field("tags.env", None, "prod"),
                _field("tags.temporary", "yes", None),
            ),
            id="wrkspc_01AbCd",
            cause=Cause.DRIFT,
            risk=Risk.R1,
            meaning=(Meaning.ELEVATES, Meaning.WITHDRAWS),
            reason="somebody changed it in the Console since the last apply",
            source=Place("org.yaml", 24),
        ),
        Change(
            Address("workspace:old-poc"),
            Action.ARCHIVE,
            (_field("archived", False, True),),
            id="wrkspc_01Old",
            cause=Cause.CONFIG,
            risk=Risk.R2,
            meaning=(Meaning.STOPS, Meaning.WITHDRAWS),
            reason="the file says archived: true",
            source=Place("org.yaml", 48),
            effects=("revokes 2 keys", "4 workspace roles end"),
        ),
        Change(
            Address("member:kim@acme.com"),
            Action.WITHDRAW,
            (_field("role", "user"),),
            id="invite_01Kim",
            cause=Cause.CONFIG,
            meaning=(Meaning.GRANTS,),
            reason="the pending invite has another role",
            source=Place("org.yaml", 17),
        ),
        Change(
            Address("member:kim@acme.com"),
            Action.INVITE,
            (_field("role", None, "developer"),),
            cause=Cause.CONFIG,
            risk=Risk.R1,
            meaning=(Meaning.GRANTS,),
            after=(Address("member:kim@acme.com"),),
            source=Place("org.yaml", 17),
            effects=("sends 1 e-mail",),
        ),
        Change(
            Address("member:raj@acme.com"),
            Action.UPDATE,
            (_field("role", "user", "developer"),),
            id="user_01Raj",
            meaning=(Meaning.GRANTS,),
            source=Place("org.yaml", 16),
        ),
        Change(
            Address("member:former.employee@acme.com"),
            Action.REMOVE,
            (_field("role", "developer"),),
            id="user_01Former",
            cause=Cause.EXPIRY,
            risk=Risk.R2,
            meaning=(Meaning.WITHDRAWS,),
            reason="declared until 2026-11-01, and members are authoritative",
            effects=("2 workspace roles end", "1 personal key stops working: api_key:production/former-laptop"),
        ),
        Change(
            Address("workspace_member:data-science/raj@acme.com"),
            Action.CREATE,
            (_field("role", None, "developer"),),
            cause=Cause.CONFIG,
            meaning=(Meaning.GRANTS,),
            after=(Address("workspace:data-science"), Address("member:raj@acme.com")),
            source=Place("org.yaml", 36),
        ),
        Change(
            Address("api_key:production/legacy-etl"),
            Action.UPDATE,
            (_field("status", "active", "inactive"),),
            id="apikey_01Etl",
            cause=Cause.POLICY,
            risk=Risk.R1,
            meaning=(Meaning.STOPS,),
            reason="key policy rotate-every-90-days: 143 days old, at most 90 allowed",
            source=Place("policies.yaml", 4),
            effects=("the key stops working at once",),
        ),
        Change(
            Address("spend_limit:workspace/production"),
            Action.UPDATE,
            (_field("monthly", "2500", "5000"),),
            cause=Cause.CONFIG,
            risk=Risk.R1,
            meaning=(Meaning.ELEVATES,),
            source=Place("org.yaml", 29),
        ),
    )


def _manual() -> tuple[ManualStep, ...]:
    return (
        ManualStep(
            Address("member:cto@acme.com"),
            "grant_admin",
            "is a developer and shall be an admin; the API cannot grant that role",
            "Console > Settings > Members > cto@acme.com > Role",
            "Admin",
            source=Place("org.yaml", 12),
        ),
        ManualStep(
            Address("api_key:production/chatbot"),
            "create_key",
            "is declared and does not exist; the API cannot create keys",
            "Console > API keys > Create key",
            'Name "chatbot", workspace "production"',
            source=Place("org.yaml", 33),
        ),
    )


def _waiting() -> tuple[Note, ...]:
    return (
        Note(Address("member:new@acme.com"), "invite_pending", "was invited on 2026-11-20 and has not accepted yet"),
        Note(
            Address("workspace_member:production/new@acme.com"),
            "member_pending",
            "gets its role once the invite is accepted",
            source=Place("org.yaml", 27),
        ),
    )


def _findings() -> tuple[Note, ...]:
    undeclared = tuple(
        Note(
            address("member", f"somebody-{number:02}@acme.com"),
            "undeclared",
            "is in the organization, but not in the files",
            Level.WARNING,
        )
        for number in range(1, 48)
    )
    return (
        Note(
            Address("workspace:shadow-it"),
            "undeclared_workspace",
            "is in the organization, but not in the files; declare it, or say archived: true",
            Level.ERROR,
        ),
        *undeclared,
        Note(
            Address("member:ana@acme.com"),
            "inherited_role",
            "reaches every workspace by her organization role",
            source=Place("org.yaml", 14),
        ),
    )


def _guards(*, refused: bool) -> tuple[Verdict, ...]:
    passed = tuple(Verdict(guard, passed=True, message="") for guard in ("protect", "irreversible"))
    last = Verdict("emptied_collection", passed=True, message="no collection is emptied")
    if not refused:
        names = ("max_removals", "min_admins")
        return (*passed, *(Verdict(guard, passed=True, message="") for guard in names), last)
    removals = tuple(address("member", f"contractor-{number:02}@acme.com") for number in range(1, 15))
    return (
        *passed,
        Verdict("max_removals", False, "removes 14 resources, more than max_removals.count (10)", removals),
        last,
        Verdict("min_admins", False, "1 admin would remain, fewer than min_admins (2)"),
    )
