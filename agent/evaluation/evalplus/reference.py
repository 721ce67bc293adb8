"""The values that a reference solution returns: the tests of programs are made with them."""

from __future__ import annotations

import ast
import hashlib
import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.evaluation.evalplus.cases import unpack
from agent.support.files import write_atomically
from sandbox.types import MOST, Job, Limits, Outcome

if TYPE_CHECKING:
    from agent.config import SandboxSection
    from agent.evaluation.hidden import HiddenTest
    from sandbox.base import Sandbox

_SECONDS = 600.0
"""CPU time of a reference solution on all inputs of a problem."""
_LETTERS = MOST - 100
"""Size of the pieces in which the sandbox returns packed values ..."""
_PIECES = 64
"""... and their maximum number."""


async def with_values(
    hidden: HiddenTest, box: Sandbox, settings: SandboxSection, folder: Path
) -> HiddenTest:
    """Return the test with the reference's values. They are kept in a folder, if its parent exists.

    If the reference gives no values, the test fails every program, and says why.
    """
    file = folder / f"{_key(hidden, box)}.json"
    found = _read(file)
    if len(found) != len(hidden.parts):
        for part in hidden.parts:
            outcomes = await _run(hidden, part.inputs, box, settings)
            if failed := next((outcome for outcome in outcomes if not outcome.passed), None):
                return _failing(hidden, failed)
            text = "".join(ast.literal_eval(outcome.actual) for outcome in outcomes)
            found.append(json.loads(unpack(text)))
        _keep(file, found)
    return _made(hidden, found)


def _read(file: Path) -> list[dict[str, Any]]:
    """Return the values that are kept; [] if there are none that can be read."""
    with suppress(OSError, ValueError):
        return list(json.loads(file.read_text("utf-8")))
    return []


def _keep(file: Path, found: list[dict[str, Any]]) -> None:
    if file.parent.parent.is_dir():
        with suppress(OSError):
            file.parent.mkdir(exist_ok=True)
            write_atomically(file, json.dumps(found))


@cache
def cases_source() -> str:
    """Return the source of the functions that compare values in the sandbox."""
    text = Path(__file__).with_name("cases.py").read_text("utf-8")
    return text.replace("from __future__ import annotations\n", "")  # other code may come before


async def _run(
    hidden: HiddenTest, inputs: str, box: Sandbox, settings: SandboxSection
) -> tuple[Outcome, ...]:
    """Run the reference on inputs; its values are packed, in pieces."""
    oracle = f"{hidden.oracle!r}, {hidden.tolerance!r}"
    program = f"""{hidden.reference}
_reference = {hidden.entry_point}
{cases_source()}
_values = []
def _piece(number):
    if not _values:
        _values.append(reference_values(_reference, {inputs!r}, {oracle}))
    return _values[0][number * {_LETTERS}:(number + 1) * {_LETTERS}]
"""
    limits = Limits(
        cpu_seconds=_SECONDS,
        budget_seconds=_SECONDS,
        wall_seconds=settings.wall_seconds,
        memory_mb=settings.memory_mb,
        evidence_chars=MOST,
    )
    tests = tuple(f"_piece({number})" for number in range(_PIECES))
    return (await box.run(Job(program, tests, limits, "_piece", trusted=True))).outcomes


def _made(hidden: HiddenTest, found: list[dict[str, Any]]) -> HiddenTest:
    name, oracle = hidden.entry_point, f"{hidden.tolerance!r}, {hidden.oracle}"
    parts = tuple(
        part.model_copy(
            update={
                "source": f"check_cases({name}, {part.inputs!r}, "
                f"{json.dumps(one['values'])!r}, {oracle})"
            }
        )
        for part, one in zip(hidden.parts, found, strict=True)
    )
    made = {
        "parts": parts,
        "prelude": f"{hidden.prelude}\n{cases_source()}",
        "seconds": sum(one["seconds"] for one in found),
    }
    return hidden.model_copy(update=made)


def _failing(hidden: HiddenTest, outcome: Outcome) -> HiddenTest:
    why = f"the reference solution: {outcome.status.value} {outcome.exception} {outcome.message}"
    source = f"raise RuntimeError({why.rstrip()!r})"
    parts = tuple(part.model_copy(update={"source": source}) for part in hidden.parts)
    return hidden.model_copy(update={"parts": parts})


def _key(hidden: HiddenTest, box: Sandbox) -> str:
    """Return the hash of everything that the values depend on."""
    inputs = [part.inputs for part in hidden.parts]
    made_from = [
        hidden.reference,
        hidden.entry_point,
        inputs,
        hidden.oracle,
        hidden.tolerance,
        cases_source(),
    ]
    text = json.dumps([*made_from, box.info.python, box.info.image])
    return hashlib.sha256(text.encode()).hexdigest()
