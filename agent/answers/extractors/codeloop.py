"""The default: fenced blocks, whole functions, bodies that continue the prompt, bare lines.

Form may be repaired: fences, thinking, prose, missing indentation, demo calls after the function.
Answers may not: the body of a function is never changed, only cut where the text stops being
Python.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence

from agent.answers.programs import FUTURE
from agent.parsing.fences import fenced_blocks, without_thinking
from agent.parsing.source import find_function, parse
from agent.parsing.statements import (
    cut_within,
    definition_of,
    first_binding,
    first_line,
    has_body,
    is_definition,
    lines_of,
    names_bound,
    parsing_lines,
    without_demo,
)
from agent.types import Problem

_STARTS = 60
"""Lines of a text without a fence that a program is tried to begin at."""
_OPENING = re.compile(r"(?:async def|def|class|import|from|@|[A-Za-z_]\w* *(?::[^=]*)?=)")


def extract(problem: Problem, text: str) -> str:
    """A whole program: it runs as it stands, if the model wrote one.

    In this order: a text without a fence that begins with the prompt goes on with the body, and one
    that begins indented is the body; the last fenced block that defines the entry point, or else
    continues the prompt; without a fence, lines that define it; and last, the text as the
    function's body. A text that is none of these is a wrong program, and stays one. Never raises.
    """
    answer = without_thinking(text)
    if (program := _after_prompt(problem, answer)) is not None:
        return program
    if answer.lstrip("\n")[:1].isspace():
        program = _defined(problem, textwrap.dedent(answer)) or _with_body(problem, answer)
        if program is not None:
            return program
    blocks = fenced_blocks(answer)
    program = _from_blocks(problem, blocks) or _from_lines(problem, answer)
    if program is None and not blocks:
        program = _continued(problem, answer)
    return _as_it_is(problem, blocks, answer) if program is None else program


# Code that defines the entry point


def _from_blocks(problem: Problem, blocks: tuple[str, ...]) -> str | None:
    """The last block that defines the entry point, else the last that continues the prompt."""
    for index in reversed(range(len(blocks))):
        code = textwrap.dedent(blocks[index])
        program = _defined(problem, code, helpers=blocks[:index])
        if program is not None:
            return program
    # One with a definition of its own, which does not parse, is no body: it stays as it is.
    bodies = (block for block in reversed(blocks) if not _opens(problem, block))
    found = (_continued(problem, block) for block in bodies)
    return next((program for program in found if program is not None), None)


def _from_lines(problem: Problem, text: str) -> str | None:
    """The longest run of lines that parses and defines the entry point."""
    lines = lines_of(text)
    header = re.compile(rf"(?:async )?def {re.escape(problem.entry_point)}\b")
    last = max((i for i, line in enumerate(lines) if header.match(line)), default=-1)
    starts = [i for i, line in enumerate(lines[: last + 1]) if i == 0 or _OPENING.match(line)]
    end = 0
    for start in starts[:_STARTS]:
        if start < end:
            continue  # what stopped the last run would stop this one
        run = "".join(lines[start:])
        program = _defined(problem, run)
        if program is not None:
            return program
        end = start + len(lines_of(parsing_lines(run, otherwise="")))
    return None


def _defined(problem: Problem, code: str, helpers: Sequence[str] = ()) -> str | None:
    """The program of a text that defines the entry point; None where it does not.

    What the prompt has before its function stands first: imports and helper functions.
    """
    if problem.entry_point not in code:
        return None
    whole, code = code, parsing_lines(code)
    tree = parse(code)
    if tree is None or definition_of(tree, problem.entry_point) is None:
        return None
    if definition_of(tree, problem.entry_point) is tree.body[-1] and cut_within(code, whole):
        code = whole  # its own body does not parse: that is the model's mistake, and stays
    for helper in reversed(helpers):
        code = _helping(helper, tree) + code
    return _with_preamble(problem, without_demo(code, problem.entry_point))


def _with_preamble(problem: Problem, code: str) -> str:
    """Code behind what the prompt has before its function, unless it repeats that itself."""
    function = find_function(problem.prompt, problem.entry_point)
    preamble = problem.prompt[: function.start] if function else ""
    if code.startswith(preamble.strip()) or parse(preamble) is None:
        return code
    return _future_first(preamble + code)


def _as_it_is(problem: Problem, blocks: tuple[str, ...], answer: str) -> str:
    """A text that is no program: the block that was meant to be one, else all of it."""
    for block in reversed(blocks):
        if _opens(problem, block):
            return _with_preamble(problem, block)
    repeats = answer.startswith(problem.prompt.rstrip())
    return answer if repeats else problem.prompt + answer


def _opens(problem: Problem, code: str) -> bool:
    """Whether a line begins the definition of the entry point."""
    header = rf"^\s*(?:async )?def {re.escape(problem.entry_point)}\b"
    return re.search(header, code, re.MULTILINE) is not None


def _helping(block: str, tree: ast.Module) -> str:
    """An earlier block, where it holds only definitions and the code needs one of them."""
    earlier = parse(block)
    if earlier is None or not all(is_definition(node) for node in earlier.body):
        return ""
    own = set().union(*map(names_bound, tree.body))
    given = set().union(*map(names_bound, earlier.body))
    needed = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return f"{block.rstrip()}\n\n" if (given - own) & needed else ""


def _future_first(source: str) -> str:
    """The same program with its `from __future__` lines on top, where Python wants them."""
    lines = re.findall(FUTURE, source, re.MULTILINE)
    if not lines or source.startswith("from __future__"):
        return source
    return "".join(dict.fromkeys(lines)) + re.sub(FUTURE, "", source, flags=re.MULTILINE)


# Text that continues the prompt


def _after_prompt(problem: Problem, text: str) -> str | None:
    """The program of a text that repeats the prompt first, as a base model's answer does."""
    prompt = problem.prompt.rstrip()
    if not text.startswith(prompt) or "```" in text:
        return None
    rest = text[len(prompt) :]
    return _with_body(problem, rest.removeprefix("\n") if problem.prompt.endswith("\n") else rest)


def _continued(problem: Problem, text: str) -> str | None:
    """Prompt and body, indented as it is or as a whole; the reading that makes the longest body."""
    body = text.strip("\n").rstrip()
    readings = (text, f"    {body}", textwrap.indent(textwrap.dedent(body), "    "))
    programs = [
        program
        for reading in dict.fromkeys(readings)
        if (program := _with_body(problem, reading)) is not None
    ]
    return max(programs, key=lambda program: _extent(program, problem), default=None)


def _with_body(problem: Problem, body: str) -> str | None:
    """Prompt and body up to the first statement that belongs to neither it nor its helpers."""
    whole = problem.prompt + body
    source = parsing_lines(whole, len(lines_of(problem.prompt)))
    tree = parse(source)
    function = first_binding(tree, problem.entry_point) if tree else None
    if tree is None or function is None or not has_body(function):
        return None
    if function is tree.body[-1] and cut_within(source, whole):
        return None
    for node in tree.body[tree.body.index(function) + 1 :]:
        if not is_definition(node) or problem.entry_point in names_bound(node):
            return "".join(lines_of(source)[: first_line(node) - 1])
    return source


def _extent(program: str, problem: Problem) -> int:
    """Lines of the entry point's first definition."""
    tree = parse(program)
    node = first_binding(tree, problem.entry_point) if tree else None
    return (node.end_lineno or 0) - node.lineno if node else 0
