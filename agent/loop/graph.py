"""The state machine of the loop. It runs once per problem.

    draft ─┐
           ├─> execute ─> passed, or no drafts, rounds or budget left? ── yes ─> select
    tests ─┘      ^                  │ no
                  └─ draft one more, │
                     or repair <─────┘

The state holds only values; the model, the sandbox and the budget meter are in the context. Nothing
here gives access to hidden tests.
"""

from __future__ import annotations

import operator
import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, cast

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent.loop import draft_step, steps
from agent.loop.context import LoopContext
from agent.repair import round as rounds
from agent.selection.probing import RecordingProber
from agent.support.concurrency import both
from agent.types import (
    Call,
    Candidate,
    Choice,
    Matrix,
    Probe,
    Problem,
    Row,
    Suspect,
    Trace,
    VisibleTest,
)
from agent.visible_tests.suspects import suspects

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


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
    executions: Annotated[int, operator.add]
    round: int
    stopped: str
    suspects: tuple[Suspect, ...]
    choice: Choice


async def draft(state: State, runtime: Runtime[LoopContext]) -> State:
    """Draw the first programs (round 0), or one more of them."""
    context, first = runtime.context, len(state.get("candidates", ()))
    candidates, calls = await draft_step.run(state["problem"], first, context.model, context.config)
    return {"candidates": candidates, "calls": calls, "round": 0}


async def write_tests(state: State, runtime: Runtime[LoopContext]) -> State:
    """Collect docstring examples and model-written tests; ask for calls to compare programs on."""
    context, problem = runtime.context, state["problem"]
    executor = context.executor(problem)
    (tests, asked, probes), also_asked = await both(
        steps.write_tests(executor, context.model, context.config),
        steps.write_inputs(problem, context.model, context.config),
    )
    return {
        "tests": tests,
        "calls": asked + also_asked,
        "probes": probes,
        "executions": len(probes),
    }


async def execute(state: State, runtime: Runtime[LoopContext]) -> State:
    """Run all visible tests on candidates that have no row yet, and decide whether to stop."""
    context, problem, before = runtime.context, state["problem"], _matrix(state)
    rows, executions = await steps.execute(context.executor(problem), before)
    matrix = replace(before, rows=before.rows + rows)
    stopped = steps.stop_reason(matrix, _ended(state), state["round"], context.config)
    stopped = await context.meter.ending(problem.task_id, state["calls"], stopped)
    return {"rows": rows, "executions": executions, "stopped": stopped}


def decide(
    state: State, runtime: Runtime[LoopContext]
) -> Literal["draft_more", "repair", "select"]:
    """Return the name of the next node."""
    if state["stopped"]:
        return "select"
    more = steps.wants_draft(_matrix(state), runtime.context.config)
    return "draft_more" if more else "repair"


async def repair(state: State, runtime: Runtime[LoopContext]) -> State:
    """Run one repair round on the programs that the strategy chooses."""
    context, executor = runtime.context, runtime.context.executor(state["problem"])
    history = rounds.History(_matrix(state), _ended(state), state["calls"], state["probes"])
    number = state["round"] + 1
    made = await rounds.repair(executor, history, number, context.model, context.config)
    return {
        "candidates": made.candidates,
        "ended": made.ended,
        "calls": made.calls,
        "probes": made.probes,
        "executions": len(made.probes),
        "round": number,
    }


async def select(state: State, runtime: Runtime[LoopContext]) -> State:
    """Choose the final answer, which is frozen from here on."""
    context, matrix = runtime.context, _matrix(state)
    prober = RecordingProber(
        context.executor(state["problem"]), context.model, context.config.sampling(0)
    )
    inputs = steps.read_inputs(state["problem"], state["calls"], context.config)
    choice = await steps.select(matrix, inputs, prober, context.config)
    return {
        "inputs": inputs.asked,
        "choice": choice,
        "suspects": suspects(matrix),
        "calls": tuple(prober.calls),
        "probes": tuple(prober.probes),
        "executions": len(prober.probes),
    }


def _matrix(state: State) -> Matrix:
    return Matrix(state["candidates"], state["tests"], state.get("rows", ()))


def _ended(state: State) -> tuple[int, ...]:
    return state.get("ended", ())


@cache
def build_graph() -> CompiledStateGraph[State, LoopContext, Any, Any]:
    """Return the compiled graph."""
    graph = StateGraph(State, context_schema=LoopContext)
    for node in (draft, write_tests, execute, repair, select):
        graph.add_node(node.__name__, node)
    graph.add_node("draft_more", draft)
    graph.add_edge(START, "draft")
    graph.add_edge(START, "write_tests")
    graph.add_edge(["draft", "write_tests"], "execute")
    graph.add_conditional_edges("execute", decide)
    graph.add_edge("draft_more", "execute")
    graph.add_edge("repair", "execute")
    graph.add_edge("select", END)
    return graph.compile()


async def run_graph(problem: Problem, context: LoopContext) -> Trace:
    """Run the loop on one problem and return its trace, which is not scored yet."""
    # Two steps per round and per draft, four others, and a margin.
    cycles = context.config.rounds + context.config.draft.n
    limits: Any = {"recursion_limit": 2 * cycles + 8}
    start = time.monotonic()
    context.meter.begin(problem.task_id)
    state = await build_graph().ainvoke({"problem": problem}, limits, context=context)
    return trace_of(cast(State, state), time.monotonic() - start)


def trace_of(state: State, seconds: float) -> Trace:
    """Return the trace of a final state."""
    kept = {name: value for name, value in state.items() if name in Trace.model_fields}
    rest = {"rounds": state["round"], "seconds": round(seconds, 3)}
    return Trace.model_validate(kept | rest)
