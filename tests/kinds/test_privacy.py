"""`inference_data_privacy` of workspaces: a beta, which only some organizations have and Admin keys cannot set."""

from __future__ import annotations

from typing import Any

import pytest
from acme import ADMINS, Org, actions, codes

from orgsync.kinds.workspace.privacy import BETA

TOKEN = "sk-ant-oat01-sandbox"  # made up for this test
STORAGE = {"estrg_01Bucket": {"status": "available"}}
OFF = {"human_review": {"type": "disabled"}}


class Enabled(Org):
    """An organization that has the beta, reached with an OAuth token."""

    credential = TOKEN

    def __init__(self, files: str, **seed: Any) -> None:
        token = {"secret": TOKEN, "kind": "oauth_token", "email": "ceo@acme.example"}
        settings = {"credentials": [token], "external_storages": STORAGE, **seed.pop("settings", {})}
        super().__init__(files, **{"users": ADMINS, "workspaces": [{"name": "lab"}], "settings": settings, **seed})


class WithAdminKey(Enabled):
    """The same, reached with the Admin key."""

    credential = "sk-ant-admin01-sandbox"


def lab(privacy: str, more: str = "") -> str:
    return f"workspaces: {{lab: {{inference_data_privacy: {privacy}{more}}}}}"


def fields(org: Org) -> dict[str, Any]:
    return {one.path: (one.before, one.after) for change in org.plan().changes for one in change.fields}


def test_it_is_changed_member_by_member_and_converges() -> None:
    org = Enabled(lab("{human_review: disabled}"))
    assert fields(org) == {"inference_data_privacy.human_review": ("enabled", "disabled")}
    assert org.plan().changes[0].effects == (
        "review of retained data by people: disabled",
        "inference_data_privacy may need some time to take effect",
    )
    assert org.apply().complete
    assert [line["body"] for line in org.app.log() if line["method"] == "POST" and not line["console"]] == [
        {"inference_data_privacy": OFF}
    ]
    assert actions(org.plan()) == []
    org.files = lab("{safeguards_storage: estrg_01Bucket}")
    assert fields(org) == {"inference_data_privacy.safeguards_storage": ("internal", "estrg_01Bucket")}
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_new_workspace_has_it_from_the_start() -> None:
    org = Enabled(lab("{human_review: disabled, transcripts_storage: estrg_01Bucket}"), workspaces=[])
    assert actions(org.plan()) == ["create workspace:lab"]
    assert org.apply().complete
    assert actions(org.plan()) == []


def test_a_saved_plan_of_it_is_applied_and_its_undo_takes_it_back() -> None:
    org = Enabled(lab("{human_review: disabled}"))
    assert org.apply(plan=org.plan()).complete
    assert actions(org.plan(lab("{human_review: enabled}"))) == ["update workspace:lab"]


def test_with_an_admin_key_it_is_a_manual_step_and_the_rest_is_done() -> None:
    org = WithAdminKey(lab("{human_review: disabled}", ", tags: {a: b}"))
    plan = org.plan()
    assert fields(org) == {"tags.a": (None, "b")}
    assert codes(plan.manual) == ["privacy_by_hand workspace:lab"]
    assert plan.manual[0].expected == "human_review: disabled"
    assert org.apply().complete
    new = WithAdminKey(lab("{human_review: disabled}"), workspaces=[])
    assert codes(new.plan().manual) == ["privacy_by_hand workspace:lab"]
    assert new.apply().complete
    assert "inference_data_privacy" not in str(new.app.log()[-3:])


@pytest.mark.parametrize(
    ("files", "asks"), [("workspaces: {lab: {tags: {a: b}}}", False), (lab("{human_review: enabled}"), True)]
)
def test_the_beta_header_is_sent_only_where_the_files_use_it(files: str, asks: bool) -> None:
    org = Enabled(files)
    seen: list[bool] = []
    inner = org.app

    async def watching(scope: Any, receive: Any, send: Any) -> None:
        seen.append((b"anthropic-beta", BETA.encode()) in [tuple(one) for one in scope["headers"]])
        await inner(scope, receive, send)

    org.app = watching  # type: ignore[assignment]  # it answers as the sandbox does
    org.plan()
    assert any(seen) is asks
    assert not all(seen)


def test_an_organization_without_it_is_told_so_and_left_alone() -> None:
    org = Enabled(lab("{human_review: disabled}", ", tags: {a: b}"), settings={"privacy_members": []})
    plan = org.plan()
    assert fields(org) == {"tags.a": (None, "b")}
    assert codes(plan.findings) == ["unknown_value workspace:lab"]
    assert "is missing in what the API shows" in plan.findings[0].message


def test_an_api_that_does_not_know_the_beta_is_read_without_it() -> None:
    org = Enabled(lab("{human_review: disabled}"))
    org.app.set_faults([{"fault": "status_before", "path": "*/workspaces", "status": 400, "times": 1}])
    assert codes(org.plan().findings) == ["unknown_value workspace:lab"]


def test_an_export_holds_it_so_that_a_later_change_is_seen() -> None:
    org = Enabled("")
    org.files = exported = org.export()
    assert "human_review: enabled" in exported
    assert actions(org.plan()) == []
    org.console(
        "POST",
        f"workspaces/{org.workspace_id('lab')}",
        {"inference_data_privacy": {"human_review": {"type": "disabled"}}},
    )
    assert actions(org.plan()) == ["update workspace:lab"]


@pytest.mark.parametrize(
    ("privacy", "told"),
    [
        ("{human_review: off}", "human_review"),
        ("{safeguards_storage: bucket}", "not `internal` or the id"),
        ("{}", None),
    ],
)
def test_what_may_be_written(privacy: str, told: str | None) -> None:
    org = Enabled(lab(privacy))
    if told is None:
        assert actions(org.plan()) == []
    else:
        with pytest.raises(Exception, match=told):
            org.plan()
