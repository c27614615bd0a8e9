"""Keys, policies and waivers to judge, and the one moment at which they are judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from orgsync.core.words.address import address
from orgsync.core.words.problems import translate
from orgsync.files.yaml.builder import Budget, build
from orgsync.policies.contract.rule import JudgedKey
from orgsync.policies.judge import Judgement, judge
from orgsync.policies.policy import POLICY, Policy, Waiver

if TYPE_CHECKING:
    from orgsync.core.words.source import Map

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

_CHATBOT = JudgedKey(
    address=address("api_key", "production", "chatbot"),
    id="apikey_01",
    workspace="production",
    workspace_tags={"env": "prod"},
    name="chatbot",
    status="active",
    created_at=NOW - 10 * DAY,
    expires_at=None,
    principal="user",
    owner="ana@acme.com",
    owner_standing="declared",
    creator="user",
)


def a_key(**facts: Any) -> JudgedKey:
    """An active key of ten days, with these facts instead; its address follows its name."""
    key = replace(_CHATBOT, **facts)
    if "address" in facts:
        return key
    place = () if key.workspace is None else (key.workspace,)
    return replace(key, address=address("api_key", *place, key.name))


def read(text: str) -> Map:
    """What YAML says, as the files' own reader reads it."""
    built = build(text, "org.yaml", Budget())
    assert not built.problems
    return built.data


def policy(text: str) -> Policy:
    return POLICY.model_validate(read(text))


def waiver(**fields: Any) -> Waiver:
    written = {"policy": "rotate", "key": "api_key:production/chatbot", "until": "2026-11-22", "reason": "CH-12"}
    return Waiver.model_validate({**written, **fields})


def problem(text: str, model: type[BaseModel] = POLICY) -> tuple[str, str | None]:
    """Message and hint of the one thing wrong with this YAML, in the words that a person reads."""
    data = read(text)
    try:
        model.model_validate(data)
    except ValidationError as error:
        (one,) = translate(error, data, next(iter(data.sources.values())), model)
        return one.message, one.hint
    raise AssertionError(f"{text} is valid")


def judged(text: str, *keys: JudgedKey) -> tuple[Judgement, ...]:
    return judge({"rotate": policy(text)}, (), keys, NOW)


def told(text: str, *keys: JudgedKey) -> list[str]:
    """What one policy says of keys; a warning is marked by `?`."""
    return [
        ("? " if breach.warning else "") + breach.message
        for judgement in judged(text, *keys)
        for breach in judgement.breaches
    ]
