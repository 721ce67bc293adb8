"""An explanation of how a program was read from an answer, for any extractor."""

from __future__ import annotations

from difflib import SequenceMatcher

from agent.answers.asked import asked_function
from agent.answers.programs import is_stub_program
from agent.parsing.source import parse_or_line
from agent.support.safe_text import visible
from agent.types import Problem


def explain(problem: Problem, text: str, program: str) -> str:
    """Return the kept and added lines, the verdict of Python's parser, and the lines left out."""
    given, read = text.splitlines(), program.splitlines()
    matcher = SequenceMatcher(None, _stripped(given), _stripped(read), autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    kept = {block.a + i for block in blocks for i in range(block.size)}
    spans = ", ".join(_span(block.a + 1, block.a + block.size) for block in blocks) or "none"
    added = len(read) - len(kept)
    head = f"{problem.task_id}: of {len(given)} lines, kept {spans}; added {added}; "
    left = (f"  {number + 1}: {line}" for number, line in enumerate(given) if number not in kept)
    return "\n".join((head + state_of(problem, program), *map(visible, left)))


def _stripped(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines]


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def state_of(problem: Problem, program: str) -> str:
    """Return what a program is: `defines f`, a stub, without the function, or not Python."""
    tree, line = parse_or_line(program)
    if tree is None:
        return f"not Python (line {line} of the program)"
    if asked_function(problem).node_in(tree) is None:
        return f"does not define {problem.entry_point}"
    return "a stub" if is_stub_program(problem, program) else f"defines {problem.entry_point}"
