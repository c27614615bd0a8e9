"""Settings that have no endpoint: declared in the files, looked up by a person, attested, and re-asked when overdue.

The Admin API has no method for billing details, sign-on, key expiry policy and the like (SDK 2.12.0 has no such
resource), so orgsync cannot see them. What it can do is hold the file against what a person says they saw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, create_model

from orgsync.core.document.console_catalogue import CATALOGUE, ON_OFF, SETTINGS, Setting
from orgsync.core.model.change import Level, ManualStep, Place
from orgsync.core.model.codes import Code
from orgsync.core.model.things import Spec
from orgsync.core.words.address import address
from orgsync.core.words.duration import Duration, written_duration
from orgsync.core.words.inert import shell_word
from orgsync.core.words.json_schema import matching
from orgsync.core.words.problems import Unsuitable, quoted, shape, suggestion
from orgsync.core.words.timestamp import written_exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


MAX_TEXT = 2000
PLACEHOLDER = "…"
"""What stands for a person's name in a command that a plan prints."""

DEFAULT_PATH = "org.yaml"
_BLANK = "This is blank; write what the Console must show."

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def _text(text: str) -> str:
    """Without the space around it: a block of YAML ends with a line break that nobody means."""
    if not text.strip():
        raise Unsuitable("must not be blank")
    return text.strip()


def _name(text: str) -> str:
    if text == PLACEHOLDER:
        raise Unsuitable(
            f'"{PLACEHOLDER}" is a placeholder', "write the name or e-mail address of the person who checked"
        )
    return text


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise Unsuitable(
            f"expected a timestamp in UTC, found {shape(value)}", "use RFC 3339 in UTC, such as 2026-11-22T10:00:00Z"
        )
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise Unsuitable(f"{quoted(value)} is not a valid timestamp") from error


Text = Annotated[str, Field(max_length=MAX_TEXT, json_schema_extra=matching(r"\S", _BLANK)), AfterValidator(_text)]
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(written_exactly, return_type=str)]


class ConsoleSpec(Spec, title="Console setting"):
    """One setting that only the Console has."""

    expect: Text
    """What the Console shall show."""
    every: Duration | None = None
    """How often a person has to look: `90d`. Without it, as often as the catalogue says."""


class Attestation(Spec):
    """What a person says the Console showed, and when."""

    key: Text
    """The setting."""
    value: Text
    """What it was."""
    by: Annotated[Text, AfterValidator(_name)]
    """Who looked."""
    at: Moment
    """When."""
    note: Text | None = None
    """Anything a later reader should know."""


@dataclass(frozen=True, slots=True)
class Attested:
    """A setting that was attested to be what the files expect, the command that would attest it again, and its line."""

    last: Attestation
    command: str
    place: Place | None


class ConsoleSettings(Spec, title="Console settings"):
    """Settings that have no endpoint. A person looks them up, and attests what they found."""

    @property
    def declared(self) -> dict[str, ConsoleSpec]:
        """The settings the files name, by key, in the order of the catalogue."""
        return {key: getattr(self, key) for key in CATALOGUE if key in self.model_fields_set}


def console_model() -> type[ConsoleSettings]:
    """The settings with one field for each row of the catalogue; what the `console:` section is read with."""
    fields: dict[str, Any] = {setting.key: (_field(setting), None) for setting in SETTINGS}
    model = create_model("Console", __base__=ConsoleSettings, __doc__=ConsoleSettings.__doc__, **fields)
    return cast("type[ConsoleSettings]", model)


def console_steps(
    declared: Mapping[str, ConsoleSpec],
    attestations: Sequence[Attestation],
    now: datetime,
    place: Callable[[str], Place | None],
    *,
    path: str = DEFAULT_PATH,
) -> tuple[ManualStep, ...]:
    """What a person has to look up: settings never attested, attested to be otherwise, or not looked at for too long.

    One step for each setting, by key. An attestation counts for exactly its interval, the last moment included, and
    not before the moment it names. Those of settings that are not declared (any more) are ignored. `path` is what the
    person calls the files; it gets into the command that a step ends with.
    """
    steps = []
    for key, spec in sorted(declared.items()):
        setting, mine = CATALOGUE[key], [one for one in attestations if one.key == key]
        wrong = _wrong(spec, mine, now, interval(key, spec))
        if wrong is not None:
            code, message, level = wrong
            expected = f'"{spec.expect}"; record what you see: {attest_command(key, spec.expect, path)}'
            told = f"{setting.title}: {message}"
            steps.append(ManualStep(address("console", key), code, told, setting.where, expected, level, place(key)))
    return tuple(steps)


def attested_settings(
    declared: Mapping[str, ConsoleSpec],
    attestations: Sequence[Attestation],
    now: datetime,
    place: Callable[[str], Place | None],
    *,
    path: str = DEFAULT_PATH,
) -> tuple[Attested, ...]:
    """The settings of which the last attestation counts and says what the files expect; arguments as above."""
    found = []
    for key, spec in sorted(declared.items()):
        mine = [one for one in attestations if one.key == key]
        last = latest(mine, now)
        if last is not None and _wrong(spec, mine, now, interval(key, spec)) is None:
            found.append(Attested(last, attest_command(key, spec.expect, path), place(key)))
    return tuple(found)


def latest(attestations: Iterable[Attestation], now: datetime) -> Attestation | None:
    """The one that counts at this moment: the last by its date, and of two of one date the one recorded later.

    The order in the file does not decide, because merging two branches may change it.
    """
    past = [(one.at, index, one) for index, one in enumerate(attestations) if one.at <= now]
    return max(past, key=lambda entry: entry[:2])[2] if past else None


def interval(key: str, spec: ConsoleSpec) -> timedelta:
    """How often somebody has to look at a setting."""
    return spec.every or CATALOGUE[key].every


def counts_until(attestation: Attestation, every: timedelta) -> datetime:
    """The last moment at which an attestation counts."""
    return attestation.at + every if attestation.at <= _LAST_MOMENT - every else _LAST_MOMENT


def attest_command(key: str, value: str, path: str = DEFAULT_PATH) -> str:
    """The command that records this value, but for the name of the person."""
    file = "" if path == DEFAULT_PATH else f" --file {shell_word(path)}"
    return f"orgsync attest {key} --value {shell_word(value)} --by {PLACEHOLDER}{file}"


def _wrong(
    spec: ConsoleSpec, attestations: Sequence[Attestation], now: datetime, every: timedelta
) -> tuple[Code, str, Level] | None:
    """Code, message and level of what is wrong with one setting. A contradiction outweighs that it is an old one."""
    last = latest(attestations, now)
    if last is None:
        message = f"no attestation yet{_later(attestations, now)}"
        return Code.ATTESTATION_MISSING, message, Level.WARNING
    if last.value != spec.expect:
        seen = f'the Console showed "{last.value}" on {written_exactly(last.at)} ({last.by})'
        return Code.ATTESTATION_CONTRADICTS, f'{seen}, but the file expects "{spec.expect}"', Level.ERROR
    if now - last.at > every:
        since = written_exactly(counts_until(last, every))
        message = f"last checked at {written_exactly(last.at)} by {last.by}, overdue since {since}"
        message = f"{message} (every {written_duration(every)}){_later(attestations, now)}"
        return Code.ATTESTATION_OVERDUE, message, Level.WARNING
    return None


def _later(attestations: Sequence[Attestation], now: datetime) -> str:
    """Says that a date is in the future: somebody mistyped it, or a clock is wrong, and will wonder."""
    at = max((one.at for one in attestations), default=now)
    return f"; the attestation dated {written_exactly(at)} is in the future" if at > now else ""


def _field(setting: Setting) -> Any:
    """How one setting is written: `tax_id: "DE123"`, short for `tax_id: {expect: "DE123"}`."""
    return Annotated[
        ConsoleSpec,
        BeforeValidator(partial(_long_form, setting)),
        AfterValidator(partial(_checked, setting)),
        Field(
            description=f"{setting.meaning} {setting.where}.",
            json_schema_extra=cast("Any", partial(_add_short_form, setting)),
        ),
    ]


def _long_form(setting: Setting, value: Any) -> Any:
    if isinstance(value, str):
        return {"expect": value}
    if isinstance(value, dict | ConsoleSpec):
        return value
    if value is None:
        raise Unsuitable(
            "the value is missing", f'write the value that the Console must show, such as "{setting.example}"'
        )
    if isinstance(value, bool) and setting.choices == ON_OFF:
        raise Unsuitable(f"expected on or off, found {shape(value)}", f"write {'on' if value else 'off'}")
    hint = None if isinstance(value, list) else f'put it in quotes: "{str(value).lower()}"'
    raise Unsuitable(f"expected text, found {shape(value)}", hint)


def _checked(setting: Setting, spec: ConsoleSpec) -> ConsoleSpec:
    """A misspelled choice could never be attested to be so."""
    choice = spec.expect.partition(",")[0].rstrip()
    if setting.choices and choice not in setting.choices:
        raise Unsuitable(
            f"{quoted(choice)} is not one of {', '.join(setting.choices)}",
            suggestion(choice, setting.choices, "details may follow after a comma; known values"),
        )
    return spec


def _add_short_form(setting: Setting, schema: dict[str, Any]) -> None:
    """Two ways to write it, and the choices in both; for the JSON Schema that editors complete from."""
    allowed = matching(r"\S", _BLANK)
    long: dict[str, Any] = {"$ref": schema.pop("$ref")}
    if setting.choices:
        says = f"This begins with none of: {', '.join(setting.choices)}. Details follow after a comma."
        allowed = matching(rf"^\s*({'|'.join(setting.choices)})\s*(,|$)", says)
        expect = {"type": "string", "description": setting.meaning, **allowed}
        long |= {"type": "object", "properties": {"expect": expect}}
    title = setting.title[0].upper() + setting.title[1:]
    text = {"title": title, "description": setting.meaning, "type": "string", "maxLength": MAX_TEXT, **allowed}
    schema.update(title=title, anyOf=[text, long], examples=[setting.example])
