"""`orgsync` itself: every command, the help and the exit codes.

A command's module, and everything heavy it needs, is imported when the command is called.
"""

from __future__ import annotations

from importlib import import_module

import click

from orgsync.version import __version__

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "change": (
        "Change",
        {
            "validate": "Validate the files offline.",
            "plan": "Show what `apply` would change.",
            "show": "Show a saved plan, or the receipts of an apply.",
            "apply": "Apply the files, or a saved plan, to the organization.",
            "rehearse": "Rehearse a saved plan in memory, with every possible failure.",
        },
    ),
    "ask": (
        "Ask",
        {
            "access": "Show who can do what where, and why.",
            "why": "Explain access, a key, a limit, an invite or a line of the files.",
            "keys": "List API keys: age, owner, last use, and policies they break.",
            "log": "Show what happened to the organization, when, and who did it.",
            "review": "Review who has which access: start, follow and close a review.",
        },
    ),
    "watch": (
        "Watch and keep",
        {
            "drift": "Report manual changes, and what expires soon.",
            "attest": "Record what the Console shows for a setting that the API lacks.",
            "export": "Export the organization as YAML.",
            "snapshot": "Save the state of the organization, to plan from it offline.",
        },
    ),
    "tools": (
        "Tools",
        {
            "schema": "Print the JSON Schema of a file that orgsync reads or writes.",
            "github": "Keep one comment on a pull request, or one issue, up to date.",
            "sandbox": "A local emulator of the Admin API, to try, test and rehearse without an organization.",
        },
    ),
}
"""The groups of `--help`: each a folder of commands, with its title, and every command with its one line of help. So
`orgsync --help` imports none of them."""

COMMANDS = {name: text for _title, commands in GROUPS.values() for name, text in commands.items()}


def module_of(name: str) -> str:
    """The module of a command. Raises StopIteration for a name that is none."""
    group = next(group for group, (_title, commands) in GROUPS.items() if name in commands)
    return f"orgsync.cli.commands.{group}.{name}"


_EPILOG = """
\b
Exit codes:
  0    done, or nothing to do
  1    invalid input: files, options, credential, organization
  2    differences found (drift, plan --detailed-exitcode)
  3    refused by a guard
  4    stale: the organization changed after approval; nothing was changed
  5    incomplete: the last line says what to run next
  6    waiting on a person (apply --wait-exitcode)
  7    the API could not be read or reached; nothing was changed
  8    done as with 0 or 2, but the result could not be written
  130  interrupted
"""


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of a day's work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(module_of(cmd_name)), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, or the error that asks which one was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from orgsync.core.words.suggest import did_you_mean
            from orgsync.questions.why.subject import is_secret

            if is_secret(args[0]):
                ctx.fail("the first word is no command, but looks like a secret, which is not repeated here")
            near = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command '{args[0]}'.{f' Did you mean {near!r}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The lists in `--help`, from the table."""
        del ctx
        for title, commands in GROUPS.values():
            if commands:
                with formatter.section(title):
                    formatter.write_dl(list(commands.items()), col_max=12)


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="orgsync %(version)s")
def main() -> None:
    """Keep a Claude Console organization as code: plan and apply workspaces, members and roles from YAML."""
