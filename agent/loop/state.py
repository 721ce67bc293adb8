"""The state of the graph: everything known about one problem."""

from __future__ import annotations

import operator
from typing import Annotated, TypedDict

from agent.loop.timing import added
from agent.types import (
    Call,
    Candidate,
    Choice,
    Matrix,
    Probe,
    Problem,
    Row,
    ScreenRecord,
    Suspect,
    Trace,
    VisibleTest,
)


class State(TypedDict, total=False):
    """Everything known about one problem. Tuples only grow; their items never change."""

    problem: Problem
    candidates: Annotated[tuple[Candidate, ...], operator.add]
    tests: tuple[VisibleTest, ...]
    inputs: tuple[str, ...]
    rows: Annotated[tuple[Row, ...], operator.add]
    ended: Annotated[tuple[int, ...], operator.add]
    calls: Annotated[tuple[Call, ...], operator.add]
    probes: Annotated[tuple[Probe, ...], operator.add]
    screens: Annotated[tuple[ScreenRecord, ...], operator.add]
    patch_seconds: Annotated[float, operator.add]
    step_seconds: Annotated[dict[str, float], added]
    executions: Annotated[int, operator.add]
    round: int
    stopped: str
    suspects: tuple[Suspect, ...]
    contradicted: tuple[Suspect, ...]
    choice: Choice
    unpatched: Choice | None


def matrix_of(state: State) -> Matrix:
    """Return the candidates, tests and rows so far."""
    return Matrix(state["candidates"], state["tests"], state.get("rows", ()))


def ended_of(state: State) -> tuple[int, ...]:
    """Return the candidates that no round repairs any more."""
    return state.get("ended", ())


def trace_of(state: State, seconds: float) -> Trace:
    """Return the trace of a final state."""
    kept = {name: value for name, value in state.items() if name in Trace.model_fields}
    rest = {"rounds": state["round"], "seconds": round(seconds, 3)}
    rest["patch_seconds"] = round(state["patch_seconds"], 3)
    times = {name: round(seconds, 3) for name, seconds in sorted(state["step_seconds"].items())}
    return Trace.model_validate(kept | rest | {"step_seconds": times})
