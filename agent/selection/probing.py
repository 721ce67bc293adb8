"""Probes of a selector: calls and model requests, recorded so that they can be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.models.base import Model
from agent.types import Call, Message, Probe, Sampling
from agent.visible_tests.executor import Executor
from sandbox.types import Outcome


class Prober(Protocol):
    """Runs calls and asks the model on behalf of a selector."""

    async def outcomes(
        self, programs: Iterable[str], calls: Sequence[str]
    ) -> dict[str, tuple[Outcome, ...]]:
        """Return each program's outcome of each call."""
        ...

    async def ask(self, messages: tuple[Message, ...]) -> str:
        """Return the model's answer."""
        ...


@dataclass
class RecordingProber:
    """A prober with a sandbox and a model, which records its probes and requests."""

    executor: Executor
    model: Model
    sampling: Sampling
    probes: list[Probe] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    async def outcomes(
        self, programs: Iterable[str], calls: Sequence[str]
    ) -> dict[str, tuple[Outcome, ...]]:
        """Return each program's outcome of each call; known outcomes are not run again."""
        tests, wanted = tuple(calls), tuple(dict.fromkeys(programs))
        if not tests:
            return dict.fromkeys(wanted, ())
        known = {probe.program: probe.outcomes for probe in self.probes if probe.tests == tests}
        new = [program for program in wanted if program not in known]
        found = await self.executor.run(new, tests, tuple)
        self.probes += [
            Probe(program=program, tests=tests, outcomes=found[program]) for program in new
        ]
        outcomes = {**known, **found}
        return {program: outcomes[program] for program in wanted}

    async def ask(self, messages: tuple[Message, ...]) -> str:
        """Return one answer, and record the request for the trace."""
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
