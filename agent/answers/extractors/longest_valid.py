"""The longest run of lines that is Python, as EvalPlus cleans answers (Liu et al., 2023)."""

from __future__ import annotations

from agent.answers.programs import with_prompt
from agent.parsing.statements import lines_of, python_runs
from agent.types import Problem


def extract(problem: Problem, text: str) -> str:
    """Return the longest run of lines that parses, the first of several; else the text.

    A text that does not define the function is read after the prompt.
    """
    whole = with_prompt(problem, text)
    runs = [run for run, _ in python_runs(whole)]
    return max(runs, key=lambda run: len(lines_of(run)), default=whole)
