"""The text between the first fence and the last, as it stands; else the whole answer."""

from __future__ import annotations

from agent.types import Problem


def extract(problem: Problem, text: str) -> str:
    """Return a whole program: it runs as it stands. Form may be repaired here, answers may not."""
    parts = text.split("```")
    if len(parts) < 3:
        return f"{problem.prompt}{text}"
    return "```".join(parts[1:-1]).removeprefix("python")
