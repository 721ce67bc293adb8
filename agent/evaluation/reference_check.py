"""Check of references: a problem's reference solution, judged by its own hidden test.

If the reference solution fails, no failing program of the problem is a wrong one: the machine
lacks a package, the judge cannot carry the problem's values, or the test itself is wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import sandbox.judge
from agent.config import SandboxSection
from agent.evaluation.evalplus.reference import pieces
from agent.evaluation.hidden import HiddenTest
from agent.support.safe_text import one_line
from agent.types import Isolation, SelfCheck, writable
from sandbox.base import Sandbox
from sandbox.types import Job, Limits, Outcome, Status

_DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Names of packages that differ from the names of their modules."""
_TIMES_REFERENCE = 4.0
"""CPU time of a program, in that of the reference solution: EvalPlus' factor."""


class Verdict(NamedTuple):
    """The hidden test's verdict on a program."""

    outcome: Outcome
    """The first failure, or a pass."""
    views: dict[str, bool]
    """Whether the program passes each view of the test."""


async def judge(
    program: str,
    hidden: HiddenTest,
    box: Sandbox,
    settings: SandboxSection,
    isolation: Isolation,
) -> Verdict:
    """Return the hidden test's verdict on one program.

    EvalPlus limits the time of each input. So a program that uses up the time for all inputs of a
    part is judged on that part again, in pieces, up to the first that it fails.
    """
    outcomes = list(await _run(program, hidden, box, settings, isolation))
    for index, part in enumerate(hidden.parts):
        if outcomes[index].status is Status.TIMEOUT and part.expected:
            for piece in pieces(hidden, part):
                (outcomes[index],) = await _run(program, piece, box, settings, isolation)
                if not outcomes[index].passed:
                    break
    failure = next((outcome for outcome in outcomes if not outcome.passed), outcomes[0])
    return Verdict(failure, hidden.seen([outcome.passed for outcome in outcomes]))


async def _run(
    program: str,
    hidden: HiddenTest,
    box: Sandbox,
    settings: SandboxSection,
    isolation: Isolation,
) -> tuple[Outcome, ...]:
    job = Job(
        program,
        tuple(part.source for part in hidden.parts),
        _limits(hidden, settings),
        hidden.entry_point,
        hidden.prelude,
        trusted=True,
        isolation=isolation,
    )
    return (await box.run(job)).outcomes


def _limits(hidden: HiddenTest, settings: SandboxSection) -> Limits:
    """Return the limits of a job, which follow the time that the reference took, if it is known."""
    limits = settings.hidden_limits()
    seconds = max(limits.cpu_seconds, _TIMES_REFERENCE * hidden.seconds)
    return replace(limits, cpu_seconds=seconds, budget_seconds=seconds)


async def check_reference(
    hidden: HiddenTest, box: Sandbox, settings: SandboxSection, passed: PassedReferences
) -> SelfCheck:
    """Judge the reference solution in each isolation that the settings allow, until it passes."""
    allowed: tuple[Isolation, ...] = (
        ("split", "shared") if settings.isolation == "auto" else (settings.isolation,)
    )
    if not hidden.reference:
        return SelfCheck(isolation=allowed[0])
    failure = ""
    for isolation in allowed:
        key = _key(hidden, box, settings, isolation)
        if key in passed:
            return SelfCheck(isolation=isolation, has_reference=True)
        outcome, _ = await judge(hidden.reference, hidden, box, settings, isolation)
        if outcome.passed:
            passed.add(key)
            return SelfCheck(isolation=isolation, has_reference=True)
        failure = failure or _reason(outcome, settings)
    return SelfCheck(isolation=allowed[0], has_reference=True, failure=failure)


class PassedReferences:
    """The hashes of judgements that reference solutions passed, on disk if there is a place for it.

    Failures are not kept: a busy machine may cause one, and they are few. The file is only a cache:
    if it cannot be read or written, references are judged again.
    """

    def __init__(self, path: Path | None = None):
        self._path = path
        self._keys: set[str] = set()
        if path is not None:
            with suppress(OSError, UnicodeDecodeError):
                self._keys.update(path.read_text("ascii").split())

    def __contains__(self, key: str) -> bool:
        """Whether the reference passed this judgement."""
        return key in self._keys

    def add(self, key: str) -> None:
        """Keep a hash. A line is appended whole, so that several processes may share the file."""
        self._keys.add(key)
        if self._path is not None and self._path.parent.is_dir():
            with suppress(OSError), self._path.open("a", encoding="ascii") as file:
                file.write(f"{key}\n")


def _key(hidden: HiddenTest, box: Sandbox, settings: SandboxSection, isolation: Isolation) -> str:
    """Return the hash of everything that the verdict on a reference solution depends on."""
    info, sources = box.info, [part.source for part in hidden.parts]
    made_from = [
        [hidden.reference, sources, hidden.entry_point, hidden.prelude],
        [asdict(_limits(hidden, settings)), isolation, judge_version()],
        [info.backend, info.python, info.image, settings.packages],
    ]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


@cache
def judge_version() -> str:
    """Return the hash of the judge's sources."""
    digest = hashlib.sha256()
    for folder in sandbox.judge.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def package_of(module: str) -> str:
    """Return the name of the package that a module belongs to."""
    return _DISTRIBUTIONS.get(module, module)


def _reason(outcome: Outcome, settings: SandboxSection) -> str:
    """Return why a reference solution fails. A package that the sandbox lacks is named."""
    missing = re.fullmatch(r"No module named '(\w+)'", outcome.message)
    if outcome.exception == "ModuleNotFoundError" and missing is not None:
        package = package_of(missing[1])
        if missing[1] not in sys.stdlib_module_names:
            option = ",".join((*settings.packages, package))
            return f"needs {package}, which the sandbox lacks: --sandbox.packages {option}"
    # The message of an assertion is text of the hidden test.
    detail = "" if outcome.exception == "AssertionError" else detail_of(outcome)
    return one_line(writable(": ".join(filter(None, (outcome.status.value, detail)))), 300)


def detail_of(outcome: Outcome) -> str:
    """Return the exception and message of an outcome; empty if it has neither."""
    return f"{outcome.exception}: {outcome.message}" if outcome.exception else outcome.message
