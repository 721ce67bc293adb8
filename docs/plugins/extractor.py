"""The text between the first and the last fence, unchanged; else the whole answer."""

from __future__ import annotations

from agent.types import Problem


def extract(problem: Problem, text: str) -> str:
    """Return a whole program, which runs without the prompt. Repair its form, but not its code."""
    parts = text.split("```")
    if len(parts) < 3:
        return f"{problem.prompt}{text}"
    return "```".join(parts[1:-1]).removeprefix("python")
