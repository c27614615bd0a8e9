"""`orgsync plan`, `show` and `export`: exit codes, what goes to stdout, what is saved."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from stories import every_third

from cli.support import EXAMPLE, LIVE, NOW, PATIENCE, PROGRAM, Ended, environment, files, parsed, run
from orgsync.errors import EXIT_DIFFERENCE, EXIT_INPUT, EXIT_OK, EXIT_REFUSED

if TYPE_CHECKING:
    from conftest import Golden

    from cli.conftest import MakeSandbox, Orgsync

EXPORTED = Path(__file__).parent / "golden" / "export-ids.yaml"
ARCHIVES = "workspaces: {old-poc: {archived: true}}\n"
INVITES = "members: {ceo@acme.example: admin, new@acme.example: user}\n"
MATCHES = "members: {ceo@acme.example: admin}\n"
POC = [{"name": name} for name in ("old-poc", "a", "b", "c", "d")]
HERE = ("--sandbox", "acme.db", "--now", NOW)


class TestExitCode:
    """0 unless something is refused, or a difference was asked to be told by the exit code."""

    @pytest.mark.parametrize(
        ("text", "plain", "detailed"),
        [
            (MATCHES, EXIT_OK, EXIT_OK),
            (INVITES, EXIT_OK, EXIT_DIFFERENCE),
            (ARCHIVES, EXIT_REFUSED, EXIT_REFUSED),
            ("members: {cto@acme.example: admin}\n", EXIT_OK, EXIT_OK),
        ],
        ids=["nothing to do", "a change", "refused", "a manual step only"],
    )
    def test_of_plan(
        self, text: str, plain: int, detailed: int, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox(workspaces=[{"name": "old-poc"}])
        files(tmp_path, text)
        assert orgsync("plan", *HERE).code == plain
        assert orgsync("plan", *HERE, "--detailed-exitcode").code == detailed

    def test_of_the_installed_program(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox(workspaces=[{"name": "old-poc"}])
        files(tmp_path, ARCHIVES)
        assert run("plan", *HERE, cwd=tmp_path).code == EXIT_REFUSED
        files(tmp_path, INVITES)
        assert run("plan", *HERE, "--detailed-exitcode", cwd=tmp_path).code == EXIT_DIFFERENCE


class TestRefused:
    """A plan that a guard refuses is a plan all the same: printed, saved, and not applied."""

    def test_it_is_printed_in_full(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(workspaces=POC)
        files(tmp_path, INVITES + ARCHIVES)
        ended = orgsync("plan", *HERE)
        assert "+ member:new@acme.example will be invited" in ended.out
        assert "- workspace:old-poc will be archived" in ended.out
        assert "x irreversible: cannot be undone, and is not allowed by its address\n" in ended.out
        assert "    to allow it, add:\n      --allow workspace:old-poc=wrkspc_" in ended.out
        assert "Refused by 1 guard (irreversible). Nothing will be changed.\n" in ended.out
        assert "Next:" not in ended.out
        assert not acme.writes()

    def test_apply_prints_it_and_changes_nothing(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(workspaces=POC)
        files(tmp_path, INVITES + ARCHIVES)
        planned = orgsync("plan", *HERE)
        ended = orgsync("apply", *HERE, "--yes")
        assert (ended.code, ended.out) == (EXIT_REFUSED, planned.out)
        assert ended.err.endswith(
            "Error: refused by a guard; nothing was changed\n"
            "  irreversible: cannot be undone, and is not allowed by its address\n"
            "    workspace:old-poc\n"
        )
        assert not acme.writes()

    def test_a_saved_one_can_be_allowed_when_it_is_applied(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(workspaces=POC)
        files(tmp_path, ARCHIVES)
        assert orgsync("plan", *HERE, "--out", "plan.json").code == EXIT_REFUSED
        assert orgsync("apply", "plan.json", *HERE, "--yes").code == EXIT_REFUSED
        assert not acme.writes()
        ended = orgsync("apply", "plan.json", *HERE, "--yes", "--allow", "workspace:old-poc")
        assert ended.code == EXIT_OK
        assert "Refused" not in ended.out
        assert "= workspace:old-poc (--allow)" in ended.out
        assert len(acme.writes()) == 1

    def test_an_allowance_lifts_no_other_guard(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        acme = sandbox(workspaces=POC)
        files(tmp_path, 'guards: {protect: ["workspace:old-*"]}\n' + ARCHIVES)
        assert orgsync("plan", *HERE, "--out", "plan.json").code == EXIT_REFUSED
        ended = orgsync("apply", "plan.json", *HERE, "--yes", "--allow", "workspace:old-poc")
        assert ended.code == EXIT_REFUSED
        assert "protect: protected by guards.protect" in ended.err
        assert "irreversible:" not in ended.err
        assert not acme.writes()


class TestNextStep:
    """The last line is a command that does what was shown, and no more."""

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ([], "orgsync apply org.yaml --sandbox acme.db"),
            (["--only", "member:*"], "orgsync apply org.yaml --only 'member:*' --sandbox acme.db"),
            (
                ["--allow", "workspace:old poc"],
                "orgsync apply org.yaml --allow 'workspace:old poc' --sandbox acme.db",
            ),
            (["--only", "member:*", "--out", "my plan.json"], "orgsync apply 'my plan.json' --sandbox acme.db"),
        ],
    )
    def test_is_complete(
        self, options: list[str], expected: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox()
        files(tmp_path, INVITES)
        assert (
            orgsync("plan", "org.yaml", *HERE, *options).out.replace("\n      ", " ").endswith(f"\nNext: {expected}\n")
        )

    def test_there_is_none_without_a_change(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox()
        files(tmp_path, MATCHES)
        assert "Next:" not in orgsync("plan", *HERE).out


class TestStreams:
    """Stdout is what a pipe carries; all talk is on stderr, and silent with --quiet."""

    def test_stdout_is_the_same_whether_quiet_or_not(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox()
        files(tmp_path, INVITES)
        for command in (["plan"], ["plan", "--format", "json"], ["export"]):
            loud, quiet = orgsync(*command, *HERE), orgsync(*command, *HERE, "--quiet")
            assert loud.out == quiet.out != ""
            assert loud.err.startswith("Reading the organization …\n")
            assert quiet.err == ""

    def test_json_is_the_saved_plan_and_fits_the_schema(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox(**parsed(LIVE.read_text(encoding="utf-8")))
        ended = orgsync("plan", EXAMPLE, *HERE, "--format", "json", "--out", "plan.json")
        assert ended.out.encode() == (tmp_path / "plan.json").read_bytes()
        jsonschema.Draft202012Validator(parsed(orgsync("schema", "plan").out)).validate(parsed(ended.out))

    def test_a_saved_plan_is_shown_as_it_was_printed(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox(**parsed(LIVE.read_text(encoding="utf-8")))
        files(tmp_path, INVITES)
        text = orgsync("plan", EXAMPLE, *HERE, "--out", "plan.json").out
        json = orgsync("plan", EXAMPLE, *HERE, "--format", "json").out
        assert orgsync("show", "plan.json") == Ended(EXIT_OK, text, "")
        assert orgsync("show", "plan.json", "--format", "json") == Ended(EXIT_OK, json, "")

    def test_ten_plans_are_the_same_bytes(self, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
        sandbox(**parsed(LIVE.read_text(encoding="utf-8")))
        assert len({orgsync("plan", EXAMPLE, *HERE, "--format", "json").out for _ in range(10)}) == 1

    @pytest.mark.parametrize(
        "command", every_third([["plan", "--sandbox", "acme.db"], ["schema"], ["-h"]], lambda it: it[0])
    )
    def test_a_reader_who_has_seen_enough_sees_no_traceback(
        self, command: list[str], sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        sandbox()
        files(tmp_path, INVITES)
        with subprocess.Popen(
            [PROGRAM, *command], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as program:
            assert program.stdout is not None
            program.stdout.close()
            assert program.stderr is not None
            said = program.stderr.read().decode()
            program.wait(timeout=PATIENCE)
        assert "Traceback" not in said
        assert "BrokenPipe" not in said
        assert "Exception" not in said
        if command[0] != "-h":  # which click prints, and ends, by itself
            assert program.returncode == EXIT_OK

    @pytest.mark.story
    def test_a_plan_piped_into_head(self, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox()
        files(tmp_path, INVITES)
        ended = subprocess.run(
            ["bash", "-c", 'set -o pipefail; "$0" "$@" | head -1', PROGRAM, "plan", *HERE, "--quiet"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert (ended.returncode, ended.stderr) == (EXIT_OK, "")
        assert ended.stdout.startswith('Organization "Acme Robotics"')
        assert len(ended.stdout.splitlines()) == 1


class TestExport:
    """What was exported is what is there."""

    @pytest.mark.parametrize("seed", ["small", "example"])
    def test_planning_it_changes_nothing(
        self, seed: str, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        acme = sandbox(**(parsed(LIVE.read_text(encoding="utf-8")) if seed == "example" else {}))
        exported = orgsync("export", *HERE)
        (tmp_path / "org.yaml").write_text(exported.out, encoding="utf-8")
        planned = orgsync("plan", *HERE, "--detailed-exitcode", "--format", "json")
        assert (exported.code, planned.code) == (EXIT_OK, EXIT_OK)
        assert parsed(planned.out)["changes"] == []
        assert not acme.writes()

    def test_it_can_be_written_to_a_file(self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
        sandbox()
        ended = orgsync("export", *HERE, "--out", "org.yaml")
        assert (ended.code, ended.out) == (EXIT_OK, "")
        assert "wrote org.yaml; next: orgsync plan org.yaml --sandbox acme.db\n" in ended.err
        assert (tmp_path / "org.yaml").read_text(encoding="utf-8") == orgsync("export", *HERE).out

    def test_with_ids_a_rename_in_the_console_is_a_difference_like_any_other(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path, golden: Golden
    ) -> None:
        acme = sandbox(
            users=[{"id": "user_ceo", "email": "ceo@acme.example", "role": "admin"}],
            workspaces=[{"id": "wrkspc_prod", "name": "prod", "display_color": "#6C5BB9"}],
            workspace_members=[{"user_id": "user_ceo", "workspace": "prod", "workspace_role": "workspace_admin"}],
            api_keys=[
                {"id": "apikey_ci", "name": "ci", "workspace": "prod"},
                {"id": "apikey_off", "name": "off", "workspace": "prod", "status": "inactive"},
            ],
        )
        exported = orgsync("export", "--ids", *HERE)
        golden(EXPORTED, exported.out)
        (tmp_path / "org.yaml").write_text(exported.out, encoding="utf-8")
        assert parsed(orgsync("plan", *HERE, "--format", "json").out)["changes"] == []
        acme.console("POST", "workspaces/wrkspc_prod", {"name": "production"})
        (change,) = parsed(orgsync("plan", *HERE, "--format", "json").out)["changes"]
        assert (change["address"], change["action"], change["id"]) == ("workspace:prod", "update", "wrkspc_prod")
        assert change["fields"] == [{"path": "name", "from": "production", "to": "prod"}]

    def test_a_rate_limit_of_a_model_with_two_names_is_not_said_to_be_left_out(
        self, orgsync: Orgsync, sandbox: MakeSandbox
    ) -> None:
        limit = {
            "workspace": "lab",
            "model": "claude-sonnet-5",
            "limits": [{"type": "requests_per_minute", "value": 2}],
        }
        sandbox(workspaces=[{"name": "lab"}], workspace_rate_limits=[limit])
        ended = orgsync("export", *HERE)
        assert yaml.safe_load(ended.out)["workspaces"]["lab"]["rate_limits"]
        assert "left out" not in ended.err

    def test_of_two_with_one_name_each_can_be_written_with_its_id(
        self, orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path
    ) -> None:
        twins = [{"name": "twin", "id": "wrkspc_1"}, {"name": "twin", "id": "wrkspc_2"}, {"name": "single"}]
        keys = [{"name": "ci", "id": f"apikey_{number}", "workspace": "single"} for number in (1, 2)]
        sandbox(workspaces=twins, api_keys=keys)
        ended = orgsync("export", *HERE)
        for address, name, its_id in (("workspace:twin", "twin", "wrkspc_1"), ("api_key:single/ci", "ci", "apikey_2")):
            told = f"its name is not unique: {address}; to declare it, write `{name}: {{id: {its_id}}}`"
            assert ended.err.splitlines().count(f"left out, because {told}") == 1
        whole = yaml.safe_load(ended.out)
        whole["workspaces"]["twin"] = {"id": "wrkspc_1"}
        whole["workspaces"]["single"]["api_keys"]["ci"] = {"id": "apikey_2"}
        (tmp_path / "org.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
        assert orgsync("plan", *HERE, "--detailed-exitcode").code == EXIT_OK

    def test_what_cannot_be_written_is_named(self, orgsync: Orgsync, sandbox: MakeSandbox) -> None:
        sandbox(workspaces=[{"name": "twin"}, {"name": "twin"}, {"name": "single"}])
        ended = orgsync("export", *HERE)
        assert ended.err.count("left out, because its name is not unique: workspace:twin;") == 2
        assert list(yaml.safe_load(ended.out)["workspaces"]) == ["Default", "single"]


class TestSchema:
    """The schemas are standard ones, and what they describe fits them."""

    @pytest.mark.parametrize("which", ["org", "plan"])
    def test_is_a_schema(self, which: str, orgsync: Orgsync) -> None:
        jsonschema.Draft202012Validator.check_schema(parsed(orgsync("schema", which).out))

    def test_a_part_of_a_folder_has_a_schema_and_a_plan_has_no_parts(self, orgsync: Orgsync) -> None:
        part = jsonschema.Draft202012Validator(parsed(orgsync("schema", "org", "--part").out))
        assert part.is_valid({"members": {"a@b.example": "user"}})
        ended = orgsync("schema", "plan", "--part")
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "--part is for org; plan has one form only" in ended.err

    def test_what_does_not_fit_is_refused(self, orgsync: Orgsync) -> None:
        schema = jsonschema.Draft202012Validator(parsed(orgsync("schema").out))
        head = {"version": 1, "organization": {"name": "Acme"}}
        wrongs: list[dict[str, object]] = [
            {"members": {"ana": "user"}},
            {"workspace": {}},
            {"members": {"a@b.example": "king"}},
        ]
        for wrong in wrongs:
            assert not schema.is_valid({**head, **wrong}), wrong
        assert schema.is_valid({**head, "members": {"a@b.example": "user"}})


def test_planning_needs_no_write_access_to_the_files(orgsync: Orgsync, sandbox: MakeSandbox, tmp_path: Path) -> None:
    sandbox()
    files(tmp_path, INVITES)
    before = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("acme.db"))
    orgsync("plan", *HERE)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("acme.db")) == before


def test_an_empty_sandbox_file_is_not_taken_for_an_organization(orgsync: Orgsync, tmp_path: Path) -> None:
    files(tmp_path, MATCHES)
    for content in (b"", b"not a database"):
        (tmp_path / "acme.db").write_bytes(content)
        ended = orgsync("plan", *HERE)
        assert (ended.code, ended.out) == (EXIT_INPUT, "")
        assert "Traceback" not in ended.err
