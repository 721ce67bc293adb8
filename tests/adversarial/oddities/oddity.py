"""An oddity: an unusual but correct program, with its test, and faulty programs of its shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from textwrap import indent

from agent.parsing.source import prelude
from sandbox import Job, Limits, SandboxInfo

LIMITS = Limits(cpu_seconds=2.0, budget_seconds=2.0, wall_seconds=2.0, memory_mb=512)
Fault = tuple[str, str]
"""A text of the completion, and the text that makes it wrong."""
_CUT = re.compile(r"^ *##\n", re.MULTILINE)
_NAME = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Oddity:
    """A problem in HumanEval's form, its honest program, and the faults of its twins.

    In plain Python the honest program passes the test, and each of its twins fails.
    """

    name: str
    prompt: str
    completion: str
    test: str
    faults: tuple[Fault, ...]
    entry_point: str
    kind: str = ""
    python: tuple[int, int] = (3, 9)
    """The oldest Python version that can run the programs."""

    @property
    def program(self) -> str:
        """The honest program."""
        return self.prompt + self.completion

    @property
    def twins(self) -> tuple[str, ...]:
        """The wrong programs: the honest one with one fault each."""
        return tuple(self.prompt + self.completion.replace(*fault) for fault in self.faults)

    @property
    def call(self) -> str:
        """The test with the call that runs it."""
        return f"{self.test}\ncheck({self.entry_point})\n"

    def job(self, program: str, isolation: str) -> Job:
        """Return the job that judges a program as the scorer does."""
        return Job(
            program,
            (self.call,),
            LIMITS,
            entry_point=self.entry_point,
            prelude=prelude(self.prompt),
            trusted=True,
            isolation=isolation,
        )

    def absent(self, info: SandboxInfo) -> bool:
        """Return whether the sandbox's Python is too old for the programs."""
        return tuple(int(part) for part in info.python.split(".")[:2]) < self.python


def odd(
    name: str,
    source: str,
    test: str,
    *faults: Fault,
    entry_point: str = "",
    python: tuple[int, int] = (3, 9),
) -> Oddity:
    """Return an oddity of a program whose line `##` separates prompt and completion.

    `test` is the body of `check`. The entry point is by default the prompt's last function or
    class.
    """
    prompt, completion = _CUT.split(source.lstrip("\n"))
    return Oddity(
        name,
        prompt,
        completion,
        f"def check(candidate):\n{indent(test.strip(), '    ')}\n",
        faults,
        entry_point or _NAME.findall(prompt)[-1],
        python=python,
    )


def kind(name: str, *cases: Oddity) -> tuple[Oddity, ...]:
    """Return the cases with their kind."""
    return tuple(replace(case, kind=name) for case in cases)
