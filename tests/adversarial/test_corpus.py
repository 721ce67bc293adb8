"""Every program of the corpus on every backend, and after each cheat an honest program."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Execution, Sandbox
from tests.adversarial.case import Case
from tests.adversarial.corpus import CANARY, CORPUS

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLOTS = 2
"""A sandbox's default number of slots: this many canaries at once reach every slot."""


def verdicts(case: Case, executions: list[Execution]) -> list[str]:
    """Return one line for each outcome that the case does not expect."""
    return [
        f"`{test}` should be {' or '.join(sorted(expected))}, but is {outcome}"
        for suite, execution in zip(case.suites, executions, strict=True)
        for (test, expected), outcome in zip(suite, execution.outcomes, strict=True)
        if outcome.status not in expected
    ]


@pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
async def test_each_program_gets_an_expected_verdict(box: Sandbox, case: Case) -> None:
    if reason := case.absent(box.info):
        pytest.skip(reason)
    executions = await asyncio.gather(*(box.run(job) for job in case.jobs()))
    assert not verdicts(case, executions)
    if case.honest:
        return
    for after in await asyncio.gather(*(box.run(CANARY) for _ in range(SLOTS))):
        assert [outcome for outcome in after.outcomes if not outcome.passed] == []
