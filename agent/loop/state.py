"""The state of the graph: everything known about one problem."""

from __future__ import annotations

import operator
from typing import Annotated, TypedDict

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
    Timing,
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
    timeline: Annotated[tuple[Timing, ...], operator.add]
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


def trace_of(state: State, seconds: float, calls: tuple[Timing, ...]) -> Trace:
    """Return the trace of a final state: with the time of the loop, and of each call."""
    kept = {name: value for name, value in state.items() if name in Trace.model_fields}
    rest = {"rounds": state["round"], "seconds": round(seconds, 3)}
    rest["patch_seconds"] = round(state["patch_seconds"], 3)
    return Trace.model_validate(kept | rest | {"timeline": state["timeline"] + calls})
