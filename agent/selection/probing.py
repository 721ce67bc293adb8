"""What a selector may find out beyond the matrix. All of it is kept, so that it can be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.models.base import Model
from agent.types import Call, Message, Probe, Sampling
from agent.visible_tests.executor import Executor
from sandbox.types import Outcome


class Prober(Protocol):
    """Runs calls, and asks the model."""

    async def outcomes(
        self, programs: Iterable[str], calls: Sequence[str]
    ) -> dict[str, tuple[Outcome, ...]]:
        """For each program what came of each call."""
        ...

    async def ask(self, messages: tuple[Message, ...]) -> str:
        """The model's answer."""
        ...


@dataclass
class RecordingProber:
    """A prober on a sandbox and a model, which keeps what it did."""

    executor: Executor
    model: Model
    sampling: Sampling
    probes: list[Probe] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    async def outcomes(
        self, programs: Iterable[str], calls: Sequence[str]
    ) -> dict[str, tuple[Outcome, ...]]:
        """What came of each call; what was run before is not run again."""
        tests, wanted = tuple(calls), tuple(dict.fromkeys(programs))
        if not tests:
            return dict.fromkeys(wanted, ())
        known = {probe.program: probe.outcomes for probe in self.probes if probe.tests == tests}
        fresh = [program for program in wanted if program not in known]
        found = await self.executor.run(fresh, tests, tuple)
        self.probes += [
            Probe(program=program, tests=tests, outcomes=found[program]) for program in fresh
        ]
        outcomes = {**known, **found}
        return {program: outcomes[program] for program in wanted}

    async def ask(self, messages: tuple[Message, ...]) -> str:
        """One answer; the request becomes one of the trace's."""
        answers = tuple(await self.model.complete(messages, 1, self.sampling))
        self.calls.append(
            Call(
                purpose="select",
                round=0,
                messages=messages,
                sampling=self.sampling,
                completions=answers,
            )
        )
        return answers[0].text
