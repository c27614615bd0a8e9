"""What holds for any policies, waivers and keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from properties.organizations import examples

from orgsync.policies.contract.rule import NOT_ARCHIVED, JudgedKey, Usage
from orgsync.policies.judge import judge
from orgsync.policies.policy import POLICY, Policy, Waiver
from orgsync.policies.waivers import WaiverBook
from policies.support import NOW, TODAY, a_key, waiver

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "max_age": st.sampled_from(["12h", "30d", "90d"]),
    "expires_within": st.sampled_from(["30d", "52w"]),
    "must_expire": st.just(True),
    "unused_for": st.sampled_from(["1d", "30d", "90d"]),
    "max_active": st.integers(0, 3),
    "name": st.sampled_from(["[a-z]+", "(a+)+", "bot-.*"]),
    "owner": st.just("declared"),
    "created_by": st.lists(st.sampled_from(["user", "service_account"]), min_size=1),
    "principal": st.lists(st.sampled_from(["user", "service_account", "none"]), min_size=1),
    "scope": st.just("workspace"),
}
WORKSPACES = st.sampled_from([None, "production", "staging"])
MOMENTS = st.integers(-5, 200 * 24).map(lambda hours: NOW - timedelta(hours=hours))
USAGE = st.builds(
    Usage,
    last_used_on=st.none() | st.integers(0, 90).map(lambda days: TODAY - timedelta(days)),
    window_days=st.sampled_from([0, 7, 30, 90]),
    tokens_last_day=st.integers(0, 10**7),
)


@st.composite
def all_keys(draw: st.DrawFn) -> list[JudgedKey]:
    return [
        a_key(
            id=f"apikey_{number:02}",
            workspace=draw(WORKSPACES),
            name=draw(st.sampled_from(["bot-1", "etl", "aaaa", "A b"])),
            status=draw(st.sampled_from(["active", "active", "inactive", "archived", "expired"])),
            created_at=draw(MOMENTS),
            expires_at=draw(st.none() | st.integers(-5, 100).map(lambda days: NOW + timedelta(days))),
            principal=draw(st.sampled_from([None, "user", "service_account"])),
            owner_standing=draw(st.sampled_from(["declared", "member", "gone", "unknown"])),
            creator=draw(st.sampled_from([None, "user", "service_account"])),
            usage=draw(st.none() | USAGE),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


@st.composite
def a_policy(draw: st.DrawFn) -> Policy:
    rules = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True))
    written = {rule: draw(VALUES[rule]) for rule in rules}
    then = draw(st.sampled_from(["report", "deactivate", "archive"]))
    workspaces = draw(st.sampled_from([["*"], ["production"], ["s*"]]))
    return POLICY.model_validate(
        {**written, "then": "report" if written.get("max_active") else then, "match": {"workspaces": workspaces}}
    )


POLICIES = st.dictionaries(st.sampled_from("abcd"), a_policy(), max_size=4)
WAIVERS = st.lists(
    st.builds(
        lambda policy, key, days: waiver(policy=policy, key=key, until=TODAY + timedelta(days)),
        st.sampled_from("abcde"),
        st.sampled_from(["api_key:*", "api_key:production/*", "api_key:staging/etl", "api_key:x"]),
        st.integers(-2, 2),
    ),
    max_size=4,
)
RANDOMS = st.randoms(use_true_random=False)


@examples(40)
@given(POLICIES, WAIVERS, all_keys(), RANDOMS)
def test_the_order_of_the_input_makes_no_difference(
    policies: dict[str, Policy], waivers: list[Waiver], keys: list[JudgedKey], random: Any
) -> None:
    judgements = judge(policies, waivers, keys, NOW)
    names = random.sample(list(policies), len(policies))
    shuffled = {name: policies[name] for name in names}
    again = judge(shuffled, random.sample(waivers, len(waivers)), random.sample(keys, len(keys)), NOW)
    assert again == judgements
    assert list(judgements) == sorted(judgements, key=lambda one: (one.key.address, one.key.id, one.policy))


@examples(60)
@given(POLICIES, WAIVERS, all_keys())
def test_nothing_is_done_to_a_key_that_nobody_asked_for(
    policies: dict[str, Policy], waivers: list[Waiver], keys: list[JudgedKey]
) -> None:
    judgements = judge(policies, waivers, keys, NOW)
    acting = [one for one in judgements if one.acts]
    assert len({one.key.id for one in acting}) == len(acting)
    for one in judgements:
        waived = any(each.policy == one.policy and each.until >= TODAY and each.covers(one.key) for each in waivers)
        assert one.then == policies[one.policy].then
        assert one.key.status in NOT_ARCHIVED
        assert one.breaches
        assert (one.waiver is not None) == waived
        assert all(breach.key is one.key and breach.message for breach in one.breaches)
    for one in acting:
        assert one.then != "report"
        assert one.waiver is None
        assert any(not breach.warning for breach in one.breaches)
        assert one.then == "archive" or one.key.status == "active"


@examples(40)
@given(POLICIES, WAIVERS, all_keys())
def test_once_the_judgements_are_done_nothing_is_left_to_do(
    policies: dict[str, Policy], waivers: list[Waiver], keys: list[JudgedKey]
) -> None:
    """What apply does satisfies the policy that asked for it; only weaker words stay."""
    after = {"deactivate": "inactive", "archive": "archived"}
    done = {one.key.id: after[one.then] for one in judge(policies, waivers, keys, NOW) if one.acts}
    keys = [a_key(**{**facts(key), "status": done.get(key.id, key.status)}) for key in keys]
    assert not [one for one in judge(policies, waivers, keys, NOW) if one.acts]


@examples(20)
@given(POLICIES, WAIVERS, all_keys())
def test_a_waiver_that_is_told_to_do_nothing_does_nothing(
    policies: dict[str, Policy], waivers: list[Waiver], keys: list[JudgedKey]
) -> None:
    idle = {note.index for note in WaiverBook(policies, waivers, keys, NOW).notes()}
    useful = [one for index, one in enumerate(waivers) if index not in idle]
    assert judge(policies, useful, keys, NOW) == judge(policies, waivers, keys, NOW)


def facts(key: JudgedKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in key.__dataclass_fields__}
