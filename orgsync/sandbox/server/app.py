"""The emulator as an ASGI application: authenticate, limit, route, answer, log; each request in one transaction."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from orgsync.sandbox.feed.recording import record_read
from orgsync.sandbox.feed.serving import PREFIX as COMPLIANCE
from orgsync.sandbox.feed.serving import feed_answer
from orgsync.sandbox.resources import RESOURCES, invites, users
from orgsync.sandbox.seed import build as seed
from orgsync.sandbox.seed.shape import settings_of_resources
from orgsync.sandbox.server import faults, lag
from orgsync.sandbox.server.organization import ME
from orgsync.sandbox.server.rights import check_colleague
from orgsync.sandbox.server.routes import router
from orgsync.sandbox.wire import credentials, ids, limiter
from orgsync.sandbox.wire import timestamps as moments
from orgsync.sandbox.wire.context import PREFIX, Answer, Call, Context, answered, encoded, refused
from orgsync.sandbox.wire.errors import NotInvited, Refusal, SandboxError, forbidden, invalid
from orgsync.sandbox.wire.store import MEMORY, Store
from orgsync.sandbox.wire.switches import Settings, settings_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.types import Receive, Scope, Send

    from orgsync.sandbox.model.resource import Resource
    from orgsync.sandbox.model.route import Route
    from orgsync.sandbox.server.faults import Firing

# A server that can break a connection puts a callable here; without one, the caller sees ConnectionResetError.
ABORT = "orgsync.abort"


def open_app(
    path: str | os.PathLike[str],
    *,
    now: datetime | None = None,
    seed_with: Mapping[str, Any] | None = None,
    resources: tuple[Resource, ...] = RESOURCES,
) -> App:
    """The organization at `path`. `:memory:` makes a new one, from `seed_with`, that lives as long as the app."""
    if now is not None and now.tzinfo is None:
        raise SandboxError("the time has no offset; use RFC 3339, such as 2026-11-01T10:00:00Z")
    if str(path) == MEMORY:
        return App(seed.filled(MEMORY, seed_with or {}, now=now, resources=resources), now=now, resources=resources)
    if seed_with is not None:
        raise SandboxError(f"{path}: only an in-memory sandbox is seeded when it is opened")
    store = Store.open(path, {resource.table: resource.schema for resource in resources})
    return App(store, now=now, resources=resources)


class App:
    """One sandbox. The methods besides the ASGI call are what the Console and the person behind it can do."""

    def __init__(
        self, store: Store, *, now: datetime | None = None, resources: tuple[Resource, ...] = RESOURCES
    ) -> None:
        self.resources = resources
        self.router = router(resources)
        self._store = store
        self._now = now
        self._settings_text = ""
        self._settings = Settings()
        self._tables = [resource.table for resource in resources if resource.changes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or break its connection when a fault says so."""
        if scope["type"] != "http":
            raise RuntimeError(f"the sandbox speaks HTTP, not {scope['type']}")
        call = await _received(Request(scope, receive))
        firing = faults.fire(self._store, call)
        if firing.delay:
            await asyncio.sleep(firing.delay)
        for edit in firing.edits:
            self.console(edit.method, edit.path, edit.body, by=edit.by)
        if firing.one("drop_before"):
            self._log_dropped(call)
            await _drop(scope)
            return
        answer = self._answer(call, firing)
        if firing.one("drop_after"):
            await _drop(scope)
            return
        await Response(answer.content, answer.status, dict(answer.headers))(scope, receive, send)

    def console(self, method: str, path: str, body: object = None, *, by: str | None = None) -> Answer:
        """What a colleague does in the Console; `path` with or without `/v1/organizations`.

        `by` is the e-mail address of the member who does it; None: the first admin.
        """
        bare, _, query = path.partition("?")
        bare = _spelled(bare)
        full = bare if bare.startswith(PREFIX) else f"{PREFIX}/{bare.lstrip('/')}"
        content = b"" if body is None else encoded(body)
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return self.answer(Call(method.upper(), full, pairs, query, content, console=True, colleague=by))

    def accept(self, email: str) -> dict[str, Any]:
        """The invited person accepts; the new user. Raises NotInvited."""
        email = _spelled(email)
        with self._store.transaction():
            context = self._context(Call("POST", PREFIX, console=True))
            invite = invites.pending_invite(context, email)
            member = None if invite is not None else users.member(context, email)
        if member is not None:
            raise SandboxError(f"{email} is a member already")
        if invite is None:
            raise NotInvited(f"{email} has no pending invite")
        answer = self.console("POST", f"/invites/{invite['id']}/accept")
        if answer.status != 200:
            raise SandboxError(answer.body["error"]["message"])
        user: dict[str, Any] = answer.body
        return user

    def has_member(self, email: str) -> bool:
        """Whether somebody in the organization has this address."""
        with self._store.transaction():
            return users.member(self._context(Call("GET", PREFIX, console=True)), _spelled(email)) is not None

    def answer(self, call: Call) -> Answer:
        """The answer to one request, past every fault rule."""
        return self._answer(call, faults.Firing())

    def copy(self) -> App:
        """The same organization once more, in memory: what happens to one does not happen to the other."""
        return App(self._store.copy(), now=self._now, resources=self.resources)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that a client can change, as it is now, whatever reads show."""
        return {table: self._store.rows(f"SELECT * FROM main.{table} ORDER BY seq") for table in self._tables}  # noqa: S608 - constants

    def set_faults(self, rules: object) -> None:
        """Replace all fault rules; an empty list turns them off."""
        faults.install(self._store, rules)

    def log(self) -> list[dict[str, Any]]:
        """Every request received, oldest first."""
        rows = self._store.rows(
            "SELECT time, method, path, query, body, status, request_id, console FROM log ORDER BY seq"
        )
        return [row | {"body": _shown(row["body"]), "console": bool(row["console"])} for row in rows]

    @property
    def untouched(self) -> bool:
        """Whether nobody has written here before, and no read shows old rows: what lists show is all there is."""
        context = self._context(Call("GET", "/"))
        lags = context.settings.read_lag_seconds or context.settings.read_lag_reads
        written = "SELECT 1 FROM log WHERE method <> 'GET' AND NOT console LIMIT 1"
        return not lags and "lag" not in self._store.meta() and self._store.row(written) is None

    def close(self) -> None:
        """Let go of the state."""
        self._store.close()

    def _answer(self, call: Call, firing: Firing) -> Answer:
        with self._store.transaction():
            meta = self._store.meta()
            context = self._context(call, meta)
            headers = {"request-id": self._next_request_id(context)}
            context = replace(context, request_id=headers["request-id"])
            answer = self._altered(context, lag.current(meta), firing, headers)
            self._log(context, headers["request-id"], None if firing.one("drop_after") else answer.status)
        return answer

    def _altered(self, ctx: Context, lagging: lag.Lag | None, firing: Firing, headers: dict[str, str]) -> Answer:
        html, before, after = firing.one("html"), firing.one("status_before"), firing.one("status_after")
        if html is not None:
            return faults.page_of_a_proxy(html)
        if before is not None:
            return refused(before.refusal(), ctx.settings, headers)
        self._lag_by_fault(lagging, firing)
        ctx = replace(ctx, call=faults.asked(ctx.call, firing))
        try:
            answer = self._handled(ctx, lagging, headers, keep=firing.one("ignore") is None)
        except Refusal as refusal:
            answer = refused(refusal, ctx.settings, headers)
        if after is not None:
            return refused(after.refusal(answer), ctx.settings, headers)
        return faults.altered(answer, firing, ctx.call)

    def _handled(self, ctx: Context, lagging: lag.Lag | None, headers: dict[str, str], *, keep: bool) -> Answer:
        if ctx.call.path.startswith(COMPLIANCE):
            return feed_answer(ctx, headers)
        caller = credentials.caller_of(ctx.call, ctx.settings, self._store)
        ctx = replace(ctx, caller=caller)
        headers["anthropic-organization-id"] = ctx.organization["id"]
        settings = ctx.settings
        if settings.requests_per_minute is not None and not ctx.call.console:
            tell = settings.retry_after == "seconds"
            limiter.take(self._store, "requests", settings.requests_per_minute, limiter.MINUTE, tell=tell)
        route, parameters = self.router.find(ctx.call)
        _check_may(ctx, route)
        self.router.check_ids(ctx, parameters)
        check_colleague(ctx, route, parameters)
        answer = self._routed(ctx, lagging, route, parameters, headers, keep=keep)
        if not ctx.call.writes:
            record_read(ctx, route.template, parameters)
        return answer

    def _routed(
        self,
        ctx: Context,
        lagging: lag.Lag | None,
        route: Route,
        parameters: dict[str, str],
        headers: dict[str, str],
        *,
        keep: bool,
    ) -> Answer:
        if ctx.call.writes:
            done = self._written(ctx, lagging, route, parameters, keep=keep)
            return refused(done, ctx.settings, headers) if isinstance(done, Refusal) else answered(done, headers)
        if lagging is not None and not ctx.call.console and (route.item or not lagging.items):
            with lag.looking_back(self._store, self._tables, lagging):
                return answered(route.handler(ctx, **parameters), headers)
        return answered(route.handler(ctx, **parameters), headers)

    def _written(
        self, ctx: Context, lagging: lag.Lag | None, route: Route, parameters: dict[str, str], *, keep: bool
    ) -> object:
        with self._store.attempt(keep=keep):
            seconds, reads = ctx.settings.read_lag_seconds, ctx.settings.read_lag_reads
            if seconds or reads:
                lag.start(self._store, self._tables, lagging, seconds=seconds, reads=reads, items=True)
            return route.handler(ctx, **parameters)

    def _lag_by_fault(self, lagging: lag.Lag | None, firing: Firing) -> None:
        rule = firing.one("lag")
        if rule is not None:
            lag.start(
                self._store, self._tables, lagging, seconds=rule.seconds or 0.0, reads=rule.reads or 0, items=False
            )

    def _context(self, call: Call, meta: Mapping[str, str] | None = None) -> Context:
        meta = self._store.meta() if meta is None else meta
        if meta["settings"] != self._settings_text:
            self._settings = settings_of(json.loads(meta["settings"]), settings_of_resources(self.resources))
            self._settings_text = meta["settings"]
        clock = self._settings.clock
        now = self._now or (moments.parsed(clock) if clock else moments.present())
        return Context(self._store, self._settings, json.loads(meta["organization"]), now, call, credentials.CONSOLE)

    def _next_request_id(self, ctx: Context) -> str:
        received = self._store.count("SELECT coalesce(max(seq), 0) AS n FROM log")
        return ids.identifier("req", ctx.organization["id"], received + 1)

    def _log(self, ctx: Context, request_id: str, status: int | None) -> None:
        call = ctx.call
        self._store.insert(
            "log",
            time=ctx.written_now,
            method=call.method,
            path=call.path,
            query=call.raw_query,
            body=call.content.decode(errors="replace") or None,
            status=status,
            request_id=request_id,
            console=int(call.console),
        )

    def _log_dropped(self, call: Call) -> None:
        with self._store.transaction():
            context = self._context(call)
            self._log(context, self._next_request_id(context), None)


def _spelled(text: str) -> str:
    """The text; what has no UTF-8, as bytes of a command line may not, is spelled out."""
    return text.encode(errors="backslashreplace").decode()


def _check_may(ctx: Context, route: Route) -> None:
    settings, call = ctx.settings, ctx.call
    if call.console:
        return
    if settings.organization_on_hold:
        raise Refusal(400, "The organization is disabled", details=_on_hold(settings))
    if settings.version_header == "required" and "anthropic-version" not in call.headers:
        raise invalid("anthropic-version: header is required")
    if route is not ME:
        credentials.check_scope(ctx.caller, route.scope)
    if route.org_admin and ctx.caller.kind != "oauth_token":
        raise forbidden("This endpoint needs an OAuth token with the scope org:admin; API keys cannot use it")
    if ctx.enterprise and not route.enterprise:
        raise forbidden("Claude Enterprise organizations do not have this endpoint")
    if settings.egress_restricted and call.writes:
        message = "This request cannot be made from a sandbox with restricted network access"
        raise forbidden(message, "sandbox_egress_restricted")


def _on_hold(settings: Settings) -> dict[str, str]:
    details = {"error_code": "organization_on_hold"}
    if settings.appeal_url is not None:
        details["appeal_url"] = settings.appeal_url
    return details


async def _received(request: Request) -> Call:
    raw_query = request.scope["query_string"].decode("latin-1")
    return Call(
        method=request.method,
        path=request.scope["path"],
        query=tuple(parse_qsl(raw_query, keep_blank_values=True)),
        raw_query=raw_query,
        content=await request.body(),
        headers=request.headers,
    )


async def _drop(scope: Scope) -> None:
    abort = scope.get("extensions", {}).get(ABORT)
    if abort is None:
        raise ConnectionResetError("the sandbox broke the connection, as a fault rule told it to")
    await abort()


def _shown(body: str | None) -> Any:
    try:
        return None if body is None else json.loads(body)
    except (ValueError, RecursionError):
        return body
