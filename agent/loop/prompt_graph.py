"""The loop as a graph from a prompt to an answer, for tools that draw and run graphs.

Input and output are JSON. The loop's own graph is a subgraph of its only node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from pydantic import Field

from agent.loop.context import LoopContext
from agent.loop.graph import build_graph, finished
from agent.types import Problem, Record


class PosedPrompt(Record):
    """The input of the graph."""

    prompt: str
    entry_point: str | None = None
    """Name of the function to write; by default the last one of the prompt."""


class SolvedPrompt(Record):
    """The output of the graph."""

    answer: str
    """The chosen program."""
    stopped: str
    """Reason why the loop ended."""
    trace: dict[str, Any]
    """The whole trace."""


class PromptState(PosedPrompt):
    """Input and output together."""

    answer: str = ""
    stopped: str = ""
    trace: dict[str, Any] = Field(default_factory=dict)


PromptGraph = CompiledStateGraph[PromptState, None, PosedPrompt, SolvedPrompt]
"""A graph from a prompt to an answer."""


def prompt_graph(
    posed: Callable[[str, str | None], Problem], context: Callable[[], LoopContext]
) -> PromptGraph:
    """Return a compiled graph. `posed` makes a problem of prompt and entry point."""
    loop = build_graph()  # tools find the subgraph in this variable

    async def solve(state: PromptState) -> dict[str, Any]:
        trace = await finished(loop, posed(state.prompt, state.entry_point), context())
        values = trace.model_dump(mode="json")
        return {"answer": trace.answer, "stopped": trace.stopped, "trace": values}

    graph = StateGraph(PromptState, input_schema=PosedPrompt, output_schema=SolvedPrompt)
    graph.add_node("solve", solve)
    graph.add_edge(START, "solve")
    graph.add_edge("solve", END)
    return graph.compile()
