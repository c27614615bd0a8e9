"""A sandbox, an organization file, and the real client between them: what most tests are made of."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsync.api.client import AdminClient
from orgsync.api.credentials import Credential
from orgsync.api.limiter import Timing
from orgsync.core.document.export import exported_files, not_offered
from orgsync.core.document.read import Desired, desired_state
from orgsync.core.model.code_rows import SHOWN
from orgsync.core.model.codes import Code
from orgsync.core.plan.make import make_plan
from orgsync.engine.apply_plan import apply_plan
from orgsync.engine.read_live import read_everything, read_live
from orgsync.files.yaml.dump import dumped
from orgsync.files.yaml.load import load
from orgsync.flows.watch import UNWATCHED
from orgsync.kinds import KINDS
from orgsync.sandbox.seed.build import filled
from orgsync.sandbox.server.app import App

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from orgsync.core.apply.outcome import Report
    from orgsync.core.drift.report import DriftEntry
    from orgsync.core.model.change import Note, Plan
    from orgsync.core.model.observation import Observation
    from orgsync.core.words.source import Document
    from orgsync.flows.connection import Connection
    from orgsync.flows.watch import Watch

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ORGANIZATION = {"id": "3f1c7a52-9d0e-4b7a-8c55-2f6b1e0d4a91", "name": "Acme Robotics"}
SANDBOX_KEY = "sk-ant-admin01-sandbox"
"""The Admin key of every sandbox."""
HEAD = 'version: 1\norganization: {name: "Acme Robotics"}\n'
ADMINS = [{"email": "ceo@acme.example", "role": "admin"}, {"email": "cto@acme.example", "role": "admin"}]


class Org:
    """One organization in memory. `files` is the text of org.yaml, without its head unless it has one.

    Where the seed does not say who is in it, it has one admin: there is none without anybody.
    """

    credential = SANDBOX_KEY
    """Whose it is reached with: another one has to be among the seed's `settings.credentials`."""

    def __init__(self, files: str = "", *, now: datetime = NOW, **seed: Any) -> None:
        self.now = now
        self.files = files
        settings = {"clock": now.isoformat(), **seed.pop("settings", {})}
        rows = {"organization": ORGANIZATION, "users": ADMINS[:1], **seed, "settings": settings}
        self.app = App(filled(":memory:", rows, now=now))

    def desired(self) -> Desired:
        """What the file asks for. Raises InputError."""
        return desired_from(self.files, self.now)

    def plan(self, files: str | None = None, **options: Any) -> Plan:
        """The plan of the file as it is now, or of another text, which becomes the file."""
        return asyncio.run(self._planned(files, options))[0]

    def apply(self, files: str | None = None, *, plan: Plan | None = None, **options: Any) -> Report:
        """Plans and applies, or applies a plan made earlier."""
        return asyncio.run(self._applied(files, plan, options))

    def seen(self) -> Observation:
        """What the organization shows of what the file manages."""
        return asyncio.run(self._planned(None, {}))[1]

    def export(self, *, ids: bool = False) -> str:
        """The live organization as YAML."""
        return asyncio.run(self._exported(ids=ids))

    def wait(self, time: timedelta) -> None:
        """Lets time pass, for the organization and for orgsync."""
        self.now += time
        self.console("POST", "settings", {"clock": self.now.isoformat()})

    def console(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, by: str | None = None
    ) -> dict[str, Any]:
        """What a colleague does in the Console; `by` is who. Fails the test where the Console would refuse it."""
        answer = self.app.console(method, path, body, by=by)
        assert answer.status == 200, answer
        return dict(answer.body)

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of everything orgsync sent that is not a GET."""
        return [(line["method"], line["path"]) for line in self._sent() if line["method"] != "GET"]

    def reads(self) -> list[str]:
        """The paths orgsync read."""
        return [line["path"] for line in self._sent() if line["method"] == "GET"]

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list, as a colleague sees them. `path` follows `/v1/organizations/`."""
        return list(self.console("GET", f"{path}{'&' if '?' in path else '?'}limit=1000")["data"])

    def user_id(self, email: str) -> str:
        """The id of a member."""
        return next(str(row["id"]) for row in self.rows("users") if row["email"] == email)

    def workspace_id(self, name: str) -> str:
        """The id of the newest workspace of this name."""
        rows = self.rows("workspaces?include_archived=true&include_default=true")
        return next(str(row["id"]) for row in rows if row["name"] == name)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AdminClient]:
        """The real client, in this process."""
        async with self.connection().opened(UNWATCHED) as client:
            yield client

    def connection(self) -> Connection:
        """What a flow reads from and writes to."""
        return _Connection(self)

    def _sent(self) -> list[dict[str, Any]]:
        return [line for line in self.app.log() if not line["console"]]

    async def _planned(self, files: str | None, options: Mapping[str, Any]) -> tuple[Plan, Observation]:
        if files is not None:
            self.files = files
        desired = self.desired()
        async with self.client() as client:
            seen = await read_live(client.reader, desired, KINDS)
        plan = make_plan(desired, seen, self.now, KINDS, **options)
        check_shown((*plan.findings, *plan.waiting))
        return plan, seen

    async def _applied(self, files: str | None, plan: Plan | None, options: Mapping[str, Any]) -> Report:
        seen = None
        if plan is None:
            plan, seen = await self._planned(files, options)
        async with self.client() as client:
            # No patience: lists of this sandbox hide nothing, and what one does not show is not there.
            # Nor was anything made before that nobody knows of.
            return await apply_plan(plan, client.reader, client.writer, KINDS, seen=seen, patience=0, first_apply=True)

    async def _exported(self, *, ids: bool) -> str:
        async with self.client() as client:
            seen = await read_everything(client.reader, KINDS)
        return dumped(exported_files(seen, KINDS, ids=ids), list(not_offered(seen, KINDS)))


def check_shown(notes: Iterable[Note | DriftEntry]) -> None:
    """What a finding says as data has at least what the catalogue of codes promises."""
    for note in notes:
        missing = {*SHOWN.get(Code(note.code), ())} - {*note.shown}
        assert not missing, f"{note.code} of {note.address} lacks {sorted(missing)}"


class _Connection:
    identity = None
    untouched = False

    def __init__(self, org: Org) -> None:
        self._org = org

    def opened(self, _watch: Watch) -> AdminClient:
        credential = Credential(self._org.credential)
        timing = Timing(sleep=lambda _seconds: asyncio.sleep(0))  # nobody waits between two attempts
        options: dict[str, Any] = {"requests_per_minute": None, "app": self._org.app, "timing": timing}
        return AdminClient("http://127.0.0.1", credential, **options)


class ByToken(Org):
    """An organization that is reached with an OAuth token of nobody, which may do everything that the API has."""

    credential = "sk-ant-oat01-nobody"  # made up for the tests

    def __init__(self, files: str = "", *, now: datetime = NOW, **seed: Any) -> None:
        token = {"secret": self.credential, "kind": "oauth_token"}
        settings = {"credentials": [token], "admin_accounts": "anybody", **seed.pop("settings", {})}
        super().__init__(files, now=now, **seed, settings=settings)


def desired_from(files: str, now: datetime = NOW) -> Desired:
    """What this text asks for, through the real loader. Raises InputError."""
    return desired_state(document_from(files), KINDS, now.date())


def document_from(files: str) -> Document:
    """What this text says, through the real loader, valid or not; the head is added where it has none."""
    text = files if files.lstrip().startswith(("version", "#")) else HEAD + files
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "org.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)


def actions(plan: Plan) -> list[str]:
    """Every change as `action address`, in plan order."""
    return [f"{change.action} {change.address}" for change in plan.changes]


def held(plan: Plan) -> str:
    """Why a person has to decide about the only thing that is blocked, which is all there is to do, and the way out."""
    (one,) = plan.blocked
    assert not [change for change in plan.changes if change.address in {one.address, *one.dependents}]
    return f"{one.message}; hint: {one.hint}"


def codes(notes: Sequence[Any]) -> list[str]:
    """Every note or manual step as `code address`."""
    return [f"{note.code} {note.address}" for note in notes]
