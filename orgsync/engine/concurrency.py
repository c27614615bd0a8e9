"""Runs work to its end; runs things at once, and reports the first failure as itself, not as a group of one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable

T = TypeVar("T")


def result_of(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, run to its end on an event loop of its own; every command waits for its work here.

    What the main task of `asyncio.run` returns is formatted several times over when its signal handler is taken down
    (`signal.signal` looks the handler up among its enum's members, and the error that there is none quotes it): for a
    large plan a third of the CPU. So that task returns nothing.
    """
    results: list[T] = []

    async def main() -> None:
        results.append(await work)

    asyncio.run(main())
    return results[0]


async def together(jobs: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """The results, in the order of the jobs. The first failure cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except BaseExceptionGroup as failures:
        raise _first(failures) from failures
    return [task.result() for task in tasks]


def _first(failure: BaseException) -> BaseException:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
