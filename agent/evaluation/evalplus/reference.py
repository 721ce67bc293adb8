"""The values that a reference solution returns: the tests of programs are made with them."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

from agent.evaluation.evalplus.cases import unpack
from agent.support.files import write_atomically
from sandbox.types import MOST, Job, Limits, Outcome

if TYPE_CHECKING:
    from agent.config import SandboxSection
    from agent.evaluation.hidden import HiddenTest
    from agent.evaluation.hidden_parts import HiddenPart
    from sandbox.base import Sandbox

_SECONDS = 600.0
"""CPU time of a reference solution on all inputs of a problem."""
_CHARACTERS = MOST - 100
"""Size of the portions in which the sandbox returns packed values ..."""
_PORTIONS = 64
"""... and their maximum number."""
PIECES = 20
"""Number of pieces of a test for a program that is slow: 3 s each are EvalPlus' 60 s a program."""


async def with_values(
    hidden: HiddenTest, box: Sandbox, settings: SandboxSection, folder: Path
) -> HiddenTest:
    """Return the test with the reference's values. They are kept in a folder, if its parent exists.

    If the reference gives no values, the test fails every program, and says why.
    """
    file = folder / f"{_key(hidden, box)}.json"
    found = _read(file)
    if len(found) != len(hidden.parts):
        found = []
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
    """Return the source of one function that holds `cases`, so that no name meets a program's."""
    text = Path(__file__).with_name("cases.py").read_text("utf-8")
    text = indent(text.replace("from __future__ import annotations\n", ""), "    ")
    return f"def codeloop_cases(name, *values):\n{text}\n    return locals()[name](*values)\n"


async def _run(
    hidden: HiddenTest, inputs: str, box: Sandbox, settings: SandboxSection
) -> tuple[Outcome, ...]:
    """Run the reference on inputs; its values are packed, in portions."""
    oracle = f"{hidden.oracle!r}, {hidden.tolerance!r}"
    program = f"""{hidden.reference}
{cases_source()}
codeloop_values = []
def codeloop_portion(codeloop_number):
    if not codeloop_values:
        codeloop_values.append(codeloop_cases(
            "reference_values", {hidden.entry_point}, {inputs!r}, {oracle}))
    return codeloop_values[0][codeloop_number * {_CHARACTERS}:][:{_CHARACTERS}]
"""
    limits = Limits(
        cpu_seconds=_SECONDS,
        budget_seconds=_SECONDS,
        wall_seconds=settings.wall_seconds,
        memory_mb=settings.memory_mb,
        evidence_chars=MOST,
    )
    tests = tuple(f"codeloop_portion({number})" for number in range(_PORTIONS))
    return (await box.run(Job(program, tests, limits, "codeloop_portion", trusted=True))).outcomes


def _made(hidden: HiddenTest, found: list[dict[str, Any]]) -> HiddenTest:
    pairs = zip(hidden.parts, found, strict=True)
    made = {
        "parts": tuple(_test(hidden, part, json.dumps(one["values"])) for part, one in pairs),
        "prelude": f"{hidden.prelude}\n{cases_source()}",
        "seconds": sum(one["seconds"] for one in found),
    }
    return hidden.model_copy(update=made)


def _test(hidden: HiddenTest, part: HiddenPart, expected: str) -> HiddenPart:
    """Return a part as a test."""
    data, oracle = f"{part.inputs!r}, {expected!r}", f"{hidden.oracle!r}, {hidden.tolerance!r}"
    source = f"codeloop_cases('check_cases', {hidden.entry_point}, {data}, {oracle})"
    return part.model_copy(update={"source": source, "expected": expected})


def pieces(hidden: HiddenTest, part: HiddenPart) -> Iterator[HiddenTest]:
    """Yield a part in pieces, each with the same share of all calls and of the CPU time."""
    inputs, values = json.loads(part.inputs), json.loads(part.expected)
    size = -(-sum(len(json.loads(each.inputs)) for each in hidden.parts) // PIECES)
    for start in range(0, len(inputs), size):
        some = part.model_copy(update={"inputs": json.dumps(inputs[start : start + size])})
        test = _test(hidden, some, json.dumps(values[start : start + size]))
        yield hidden.model_copy(update={"parts": (test,), "seconds": hidden.seconds / PIECES})


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
