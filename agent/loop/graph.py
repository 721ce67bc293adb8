"""The state machine of the loop. It runs once per problem.

    draft ─┐
           ├─> execute ─> patch ─> passed, or no drafts, rounds or budget left? ── yes ─> select
    tests ─┘      ^                            │ no
                  └─ draft one more, or repair ┘

The state holds only values; the model, the sandbox and the budget meter are in the context. Nothing
here gives access to hidden tests.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent.loop import draft_step, steps
from agent.loop.context import LoopContext
from agent.loop.state import State, ended_of, matrix_of, trace_of
from agent.loop.timing import TimedModel, timed
from agent.repair import round as rounds
from agent.repair.patches.contradicted import contradicted
from agent.selection.probing import RecordingProber
from agent.support.concurrency import both
from agent.types import Matrix, Problem, Trace
from agent.visible_tests.suspects import suspects

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


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
    """Run all visible tests on candidates that have no row yet."""
    executor = runtime.context.executor(state["problem"])
    rows, executions = await steps.execute(executor, matrix_of(state), state["probes"])
    return {"rows": rows, "executions": executions}


async def patch(state: State, runtime: Runtime[LoopContext]) -> State:
    """Edit failing programs until one passes, without the model, and decide whether to stop."""
    context, problem, before = runtime.context, state["problem"], matrix_of(state)
    config, executor, number = context.config, context.executor(problem), state["round"]
    inputs = steps.read_inputs(problem, state["calls"], config).general
    found, rows = await steps.patch(executor, before, number, inputs, config)
    matrix = Matrix(before.candidates + found.patches, before.tests, before.rows + rows)
    stopped = steps.stop_reason(matrix, ended_of(state), number, config)
    stopped = await context.meter.ending(problem.task_id, state["calls"], stopped)
    if stopped and steps.wants_draft(before, config):  # the budget does not pay for it
        found, rows = await steps.patch(executor, before, number, inputs, config, is_last=True)
    return {
        "candidates": found.patches,
        "rows": rows,
        "screens": found.screens,
        "probes": found.probes,
        "patch_seconds": found.seconds,
        "executions": found.executions,
        "stopped": stopped,
    }


def decide(
    state: State, runtime: Runtime[LoopContext]
) -> Literal["draft_more", "repair", "select"]:
    """Return the name of the next node."""
    if state["stopped"]:
        return "select"
    more = steps.wants_draft(matrix_of(state), runtime.context.config)
    return "draft_more" if more else "repair"


async def repair(state: State, runtime: Runtime[LoopContext]) -> State:
    """Run one repair round on the programs that the strategy chooses."""
    context, executor = runtime.context, runtime.context.executor(state["problem"])
    history = rounds.History(matrix_of(state), ended_of(state), state["calls"], state["probes"])
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
    context, matrix = runtime.context, matrix_of(state)
    prober = RecordingProber(
        context.executor(state["problem"]), context.model, context.config.sampling(0)
    )
    inputs = steps.read_inputs(state["problem"], state["calls"], context.config)
    choice = await steps.select(matrix, inputs, prober, context.config)
    unpatched = await steps.select_without_patches(matrix, inputs, prober, context.config)
    return {
        "inputs": inputs.asked,
        "choice": choice,
        "unpatched": unpatched,
        "suspects": suspects(matrix),
        "contradicted": contradicted(matrix) if context.config.patches else (),
        "calls": tuple(prober.calls),
        "probes": tuple(prober.probes),
        "executions": len(prober.probes),
    }


@cache
def build_graph() -> CompiledStateGraph[State, LoopContext, Any, Any]:
    """Return the compiled graph."""
    graph = StateGraph(State, context_schema=LoopContext)
    for node in (draft, write_tests, execute, patch, repair, select):
        graph.add_node(node.__name__, timed(node))
    graph.add_node("draft_more", timed(draft))
    graph.add_edge(START, "draft")
    graph.add_edge(START, "write_tests")
    graph.add_edge(["draft", "write_tests"], "execute")
    graph.add_edge("execute", "patch")
    graph.add_conditional_edges("patch", decide)
    graph.add_edge("draft_more", "execute")
    graph.add_edge("repair", "execute")
    graph.add_edge("select", END)
    return graph.compile()


async def run_graph(problem: Problem, context: LoopContext) -> Trace:
    """Run the loop on one problem and return its trace, which is not scored yet."""
    return await finished(build_graph(), problem, context)


async def finished(
    graph: CompiledStateGraph[State, LoopContext, Any, Any], problem: Problem, context: LoopContext
) -> Trace:
    """Run the compiled graph on one problem and return its trace, which is not scored yet."""
    # Three steps per round and per draft, five others, and a margin.
    cycles = context.config.rounds + context.config.draft.n
    limits: Any = {"recursion_limit": 3 * cycles + 9}
    start, model = time.monotonic(), TimedModel(context.model)
    context.meter.begin(problem.task_id)
    state = cast(
        State,
        await graph.ainvoke({"problem": problem}, limits, context=replace(context, model=model)),
    )
    return trace_of(state, time.monotonic() - start, model.timeline(state["calls"]))
