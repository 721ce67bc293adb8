"""The state machine, one run of it a problem.

    draft ─┐
           ├─> execute ─> passed, or out of drafts and rounds? ── yes ─> select
    tests ─┘      ^                  │ no
                  └─ draft one more, │
                     or repair <─────┘

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
from agent.execution import Bench
from agent.lab import RecordingLab
from agent.models.base import Model
from agent.suspects import suspects
from agent.types import Call, Candidate, Choice, Matrix, Probe, Problem, Row, Suspect, VisibleTest
from sandbox.base import Sandbox

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph


class State(TypedDict, total=False):
    """What is known of one problem. Lists grow; nothing in them changes."""

    problem: Problem
    candidates: Annotated[tuple[Candidate, ...], operator.add]
    tests: tuple[VisibleTest, ...]
    inputs: tuple[str, ...]
    rows: Annotated[tuple[Row, ...], operator.add]
    calls: Annotated[tuple[Call, ...], operator.add]
    probes: Annotated[tuple[Probe, ...], operator.add]
    executions: Annotated[int, operator.add]
    round: int
    stopped: str
    suspects: tuple[Suspect, ...]
    choice: Choice


@dataclass(frozen=True)
class Tools:
    """What the steps work with."""

    model: Model
    sandbox: Sandbox
    config: RunConfig

    def bench(self, problem: Problem) -> Bench:
        """Where the programs of a problem run on visible tests."""
        return Bench(problem, self.sandbox, self.config.sandbox.visible_limits())


async def draft(state: State, runtime: Runtime[Tools]) -> State:
    """Round 0: the first programs, or one more of them."""
    tools, first = runtime.context, len(state.get("candidates", ()))
    candidates, call = await steps.draft(state["problem"], first, tools.model, tools.config)
    return {"candidates": candidates, "calls": (call,), "round": 0}


async def write_tests(state: State, runtime: Runtime[Tools]) -> State:
    """Docstring examples, tests that the model writes, and calls to compare programs on."""
    tools, problem = runtime.context, state["problem"]
    bench = tools.bench(problem)
    tests, asked, probes = await steps.write_tests(bench, tools.model, tools.config)
    inputs, also_asked = await steps.write_inputs(problem, tools.model, tools.config)
    return {
        "tests": tests,
        "inputs": inputs,
        "calls": asked + also_asked,
        "probes": probes,
        "executions": len(probes),
    }


async def execute(state: State, runtime: Runtime[Tools]) -> State:
    """Run every visible test on the candidates that have no row in the matrix yet."""
    bench = runtime.context.bench(state["problem"])
    rows, executions = await steps.execute(bench, _matrix(state))
    return {"rows": rows, "executions": executions}


def decide(state: State, runtime: Runtime[Tools]) -> Literal["draft_more", "repair", "select"]:
    """Go on, or be done."""
    matrix, config = _matrix(state), runtime.context.config
    if steps.wants_draft(matrix, config):
        return "draft_more"
    return "select" if steps.why_stop(matrix, state["round"], config) else "repair"


async def repair(state: State, runtime: Runtime[Tools]) -> State:
    """One round: the most promising programs, each with what failed, go back to the model."""
    tools, number = runtime.context, state["round"] + 1
    parents = steps.to_repair(_matrix(state), tools.config)
    candidates, calls = await steps.repair(
        state["problem"], parents, len(state["candidates"]), number, tools.model, tools.config
    )
    return {"candidates": candidates, "calls": calls, "round": number}


async def select(state: State, runtime: Runtime[Tools]) -> State:
    """Choose the answer, which is frozen from here on."""
    tools, matrix = runtime.context, _matrix(state)
    lab = RecordingLab(tools.bench(state["problem"]), tools.model, tools.config.sampling(0))
    choice = await steps.select(matrix, state["inputs"], lab, tools.config)
    return {
        "choice": choice,
        "stopped": steps.why_stop(matrix, state["round"], tools.config) or "",
        "suspects": suspects(matrix),
        "calls": tuple(lab.calls),
        "probes": tuple(lab.probes),
        "executions": len(lab.probes),
    }


def _matrix(state: State) -> Matrix:
    return Matrix(state["candidates"], state["tests"], state.get("rows", ()))


@cache
def build_graph() -> CompiledStateGraph[State, Tools, Any, Any]:
    """The compiled graph."""
    graph = StateGraph(State, context_schema=Tools)
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


async def solve(problem: Problem, tools: Tools) -> State:
    """Run the loop on one problem, to its final state."""
    # Two steps a round and a draft, and four around them.
    cycles = tools.config.rounds + tools.config.draft.n
    limits: Any = {"recursion_limit": 2 * cycles + 8}
    state = await build_graph().ainvoke({"problem": problem}, limits, context=tools)
    return cast(State, state)
