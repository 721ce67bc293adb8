"""The state machine, one run of it a problem.

    draft ─┐
           ├─> execute ─> passed, or out of rounds? ── yes ─> select
    tests ─┘      ^                  │ no
                  └───── repair <────┘

The state holds values only; whatever talks to the world travels in the context. Nothing in here has
a way to a hidden test.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, cast

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agent import steps
from agent.config import RunConfig
from agent.models.base import Model
from agent.types import Call, Candidate, Choice, Problem, Row, VisibleTest
from sandbox.base import Sandbox

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


class State(TypedDict, total=False):
    """What is known of one problem. Lists grow; nothing in them changes."""

    problem: Problem
    candidates: Annotated[tuple[Candidate, ...], operator.add]
    tests: tuple[VisibleTest, ...]
    rows: Annotated[tuple[Row, ...], operator.add]
    calls: Annotated[tuple[Call, ...], operator.add]
    executions: Annotated[int, operator.add]
    round: int
    stopped: str
    choice: Choice


@dataclass(frozen=True)
class Tools:
    """What the steps work with."""

    model: Model
    sandbox: Sandbox
    config: RunConfig


async def draft(state: State, runtime: Runtime[Tools]) -> State:
    """Round 0: the first programs."""
    tools = runtime.context
    candidates, call = await steps.draft(state["problem"], tools.model, tools.config)
    return {"candidates": candidates, "calls": (call,), "round": 0}


async def write_tests(state: State, runtime: Runtime[Tools]) -> State:
    """Docstring examples, and tests that the model writes."""
    tools = runtime.context
    tests, calls = await steps.write_tests(state["problem"], tools.model, tools.config)
    return {"tests": tests, "calls": calls}


async def execute(state: State, runtime: Runtime[Tools]) -> State:
    """Run every visible test on the candidates that have no row in the matrix yet."""
    tools, tests = runtime.context, state["tests"]
    fresh = state["candidates"][len(state.get("rows", ())) :]
    rows, executions = await steps.execute(
        state["problem"], fresh, tests, tools.sandbox, tools.config
    )
    return {"rows": rows, "executions": executions}


def decide(state: State, runtime: Runtime[Tools]) -> Literal["repair", "select"]:
    """Go on, or be done."""
    return "select" if _why_stop(state, runtime.context.config) else "repair"


async def repair(state: State, runtime: Runtime[Tools]) -> State:
    """One round: the most promising programs, each with what failed, go back to the model."""
    tools, number = runtime.context, state["round"] + 1
    parents = steps.to_repair(state["candidates"], state["tests"], state["rows"], tools.config)
    candidates, calls = await steps.repair(
        state["problem"], parents, len(state["candidates"]), number, tools.model, tools.config
    )
    return {"candidates": candidates, "calls": calls, "round": number}


async def select(state: State, runtime: Runtime[Tools]) -> State:
    """Choose the answer, which is frozen from here on."""
    config = runtime.context.config
    choice = steps.select(state["tests"], state["rows"], config)
    return {"choice": choice, "stopped": _why_stop(state, config) or ""}


def _why_stop(state: State, config: RunConfig) -> str | None:
    return steps.why_stop(
        state["candidates"], state["tests"], state["rows"], state["round"], config
    )


@cache
def build_graph() -> CompiledStateGraph[State, Tools, Any, Any]:
    """The compiled graph."""
    graph = StateGraph(State, context_schema=Tools)
    for node in (draft, write_tests, execute, repair, select):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "draft")
    graph.add_edge(START, "write_tests")
    graph.add_edge(["draft", "write_tests"], "execute")
    graph.add_conditional_edges("execute", decide)
    graph.add_edge("repair", "execute")
    graph.add_edge("select", END)
    return graph.compile()


async def solve(problem: Problem, tools: Tools) -> State:
    """Run the loop on one problem, to its final state."""
    # Two steps a round, and four around them.
    limits: Any = {"recursion_limit": 2 * tools.config.rounds + 8}
    state = await build_graph().ainvoke({"problem": problem}, limits, context=tools)
    return cast(State, state)
