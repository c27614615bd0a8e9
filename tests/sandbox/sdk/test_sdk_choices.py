"""The closed sets and parameter names of the sandbox are those of the SDK's types."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest
from anthropic._error_classes import ERROR_CLASSES
from anthropic.types.beta import organization as types
from anthropic.types.beta.organization import analytics as reports
from anthropic.types.beta.organization import workspaces

from orgsync.sandbox.reports import analytics, report_query
from orgsync.sandbox.resources import rate_limits
from orgsync.sandbox.resources.api_keys import endpoints as api_keys
from orgsync.sandbox.resources.spend_limits import endpoints as spend_limits
from orgsync.sandbox.resources.workspaces import privacy
from orgsync.sandbox.wire import cursors, switches, validate
from orgsync.sandbox.wire.error_details import CODES
from sandbox.org import BETA, Org, seeded

from .sdk_shapes import problems

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE_STATUSES = {
    get_args(status.model_fields["type"].annotation)[0]
    for status in get_args(types.BetaExternalStorage.model_fields["status"].annotation)
}
BENIGN = {"limit": "1", "status": "active", "group_type": "batch", "model": "claude-sonnet-5"}
BENIGN |= {"scope_type[]": "workspace", "include_inherited": "true"}


def literals(hint: Any) -> set[str]:
    """Every value some literal inside a type allows."""
    arguments = get_args(hint)
    if not arguments:
        return {hint} if isinstance(hint, str) else set()
    return set().union(*map(literals, arguments))


def wire_names(params: Any) -> dict[str, Any]:
    """The query parameters of a request as they are sent, with their types."""
    hints = get_type_hints(params)
    hints.pop("betas", None)
    listed = {name for name, hint in hints.items() if "List[" in str(hint) or "Sequence[" in str(hint)}
    return {f"{name}[]" if name in listed else name: hint for name, hint in hints.items()}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (api_keys.STATUSES, types.BetaAPIKey.model_fields["status"].annotation),
        (get_args(validate.Limiter), workspaces.BetaWorkspaceRateLimitType),
        (rate_limits.GROUP_TYPES, get_type_hints(types.RateLimitListParams)["group_type"]),
        (
            {*spend_limits.SCOPE_TYPES["console"], *spend_limits.SCOPE_TYPES["enterprise"]},
            get_type_hints(types.SpendLimitListParams)["scope_type"],
        ),
        (get_args(validate.Period), types.BetaSpendLimitPeriod),
        (analytics.USAGE_DIMENSIONS, reports.BetaAnalyticsUsageGroupBy),
        (analytics.COST.dimensions, reports.BetaAnalyticsCostGroupBy),
        ({*analytics.COST.metrics, "time"}, reports.BetaAnalyticsCostOrderBy),
        ({*analytics.USAGE.metrics, "time"}, reports.BetaAnalyticsUsageOrderBy),
        (analytics.ACTOR_TYPES, types.BetaAnalyticsActorType),
        (analytics.CATEGORIES, types.BetaAnalyticsClaudeTagCategory),
        (analytics.PRODUCTS, types.BetaAnalyticsUsageCostProductFilter),
        (report_query.CONTEXT_WINDOWS, types.BetaAnalyticsContextWindow),
        (report_query.INFERENCE_GEOS, types.BetaAnalyticsInferenceGeoFilter),
        (report_query.SERVICE_TIERS, types.BetaAnalyticsServiceTier),
        (report_query.SPEEDS, types.BetaAnalyticsSpeed),
        (report_query.SECONDS, types.BetaAnalyticsTimeBucketWidth),
    ],
)
def test_closed_sets_are_the_same(ours: Any, theirs: Any) -> None:
    assert set(ours) == literals(theirs)


@pytest.mark.parametrize(
    "model", [types.BetaInferenceDataPrivacyCreateParam, types.BetaInferenceDataPrivacyUpdateParam]
)
def test_where_data_goes_has_the_members_of_the_sdk(model: Any) -> None:
    assert set(get_type_hints(model)) == set(get_args(switches.PrivacyMember)) == set(privacy.Privacy.model_fields)
    assert set(types.BetaInferenceDataPrivacy.model_fields) == set(privacy.Privacy.model_fields)


def test_external_storage_has_the_states_of_the_sdk() -> None:
    assert literals(switches.ExternalStorage.model_fields["status"].annotation) == STORAGE_STATUSES


def test_errors_with_words_of_their_own_are_errors_of_the_sdk() -> None:
    for code, known in CODES.items():
        assert (known.status, code) in ERROR_CLASSES
        details = inspect.get_annotations(ERROR_CLASSES[known.status, code], eval_str=True)["details"]
        made = {} if known.made is None else {known.made: "wrkspc_new"}
        assert problems(details, {"error_code": code, **known.details, **made}) == []


@pytest.mark.parametrize("params", [reports.CostListParams, reports.UsageListParams], ids=lambda each: each.__name__)
def test_analytics_knows_every_parameter(params: Any) -> None:
    assert {*analytics.PARAMETERS, *cursors.PARAMETERS} - {"beta"} == set(wire_names(params))


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/api_keys", types.APIKeyListParams),
        ("/rate_limits", types.RateLimitListParams),
        ("/workspaces/wrkspc_prod/rate_limits", workspaces.RateLimitListParams),
        ("/spend_limits", types.SpendLimitListParams),
    ],
)
def test_lists_know_every_parameter(make_org: Callable[..., Org], path: str, params: Any) -> None:
    org = make_org(seeded(unknown_parameters="refused", unknown_cursor="empty"))
    for name in wire_names(params):
        reply = org.call("GET", path, query=[(name, BENIGN.get(name, "wrkspc_prod"))], headers=BETA)
        assert reply.status == 200, (name, reply.body)
    assert org.call("GET", path, query=[("colour", "blue")], headers=BETA).status == 400
