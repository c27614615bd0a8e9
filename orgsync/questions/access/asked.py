"""What was asked about: workspaces, people, the admins, or everything; and which of what there is that means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orgsync.core.words.address import Address
from orgsync.core.words.globs import any_matches, is_glob
from orgsync.core.words.problems import quoted
from orgsync.core.words.spelling import same_mailbox
from orgsync.core.words.suggest import did_you_mean
from orgsync.errors import UsageError
from orgsync.questions.access.population import PERSON, PLACE
from orgsync.questions.access.powers import Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from orgsync.core.document.read import Desired
    from orgsync.core.model.things import Found
    from orgsync.questions.access.population import Population, Site


class Subject(StrEnum):
    """What a question is about."""

    WORKSPACES = "workspaces"
    PEOPLE = "people"
    ADMINS = "admins"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its subject, and the name or glob of what is meant."""

    subject: Subject
    text: str = ""


def asked(text: str) -> Asked:
    """What a word of the command line asks about: `admins`, an e-mail address, a workspace, or an address of either."""
    if text == "admins":
        return Asked(Subject.ADMINS)
    kind, colon, _rest = text.partition(":")
    if colon and kind in {PERSON, PLACE}:
        return Asked(Subject.PEOPLE if kind == PERSON else Subject.WORKSPACES, Address(text).segments[0])
    return Asked(Subject.PEOPLE if "@" in text else Subject.WORKSPACES, text)


def read_inside(question: Asked, desired: Desired | None) -> Callable[[Found], bool]:
    """Which workspaces' lists have to be read for the answer."""
    if question.subject is not Subject.WORKSPACES:
        return lambda _found: True
    names = {question.text}
    for line in () if desired is None else desired.declared[PLACE].values():
        if any_matches([question.text], line.segments[0]):
            names.update(name for name in (line.segments[0], line.former_name, line.spec.id) if name)
    return lambda found: any_matches(names, found.segments[0]) or found.id in names


def sites_meant(question: Asked, among: Population) -> tuple[Site, ...]:
    """The workspaces that the answer is about; archived ones only where one is named. Raises UsageError."""
    usable = tuple(site for site in among.sites if site.sort is not Sort.ARCHIVED)
    if question.subject is not Subject.WORKSPACES:
        return usable
    for sites in (usable, among.sites[::-1]):
        exactly = tuple(site for site in sites if question.text in site.names)
        if exactly:
            return exactly if sites is usable else exactly[:1]
    matching = tuple(site for site in usable if any(any_matches([question.text], name) for name in site.names))
    if not matching:
        names = [site.name for site in among.sites]
        raise _none_such("workspace", question.text, names)
    return matching


def people_meant(question: Asked, among: Population) -> tuple[str, ...]:
    """The mailboxes that the answer is about. Raises UsageError."""
    mailboxes = {*among.people, *(mailbox for _workspace, mailbox in among.rows)}
    wanted = same_mailbox(question.text)
    if wanted in mailboxes:
        return (wanted,)
    matching = tuple(sorted(one for one in mailboxes if any_matches([wanted], one)))
    if not matching:
        raise _none_such("person", question.text, sorted(mailboxes))
    return matching


def _none_such(noun: str, text: str, known: list[str]) -> UsageError:
    near = did_you_mean(text, known)
    hint = f'did you mean "{near}"?' if near else None
    if is_glob(text):
        return UsageError(f"no {noun} matches {quoted(text)}", hint=hint)
    return UsageError(f"there is no {noun} {quoted(text)}, neither in the organization nor in the files", hint=hint)
