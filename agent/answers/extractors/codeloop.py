"""The default: fenced blocks, whole functions, bodies that continue the prompt, bare lines.

The extractor repairs the form of an answer: fences, thinking, prose, missing indentation, demo
calls after the function. It does not repair the code: a function body is never changed, only cut
at the line from which the text is no longer Python.
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
from agent.types import Problem, normalised

_MAX_STARTS = 60
"""Number of lines of an unfenced text that are tried as the first line of a program."""
_OPENING = re.compile(r"(?:async def|def|class|import|from|@|[A-Za-z_]\w* *(?::[^=]*)?=)")


def extract(problem: Problem, text: str) -> str:
    """Return the whole program in an answer. It runs without the prompt, if the model wrote one.

    The readings are tried in this order: an unfenced text that repeats the prompt before the body;
    an indented text as the body; the last fenced block that defines the entry point, or else
    continues the prompt; unfenced lines that define the entry point; the text as the function's
    body. Any other text is a wrong program and is kept as it is. Never raises.
    """
    answer = without_thinking(text)
    if (program := _from_repeated_prompt(problem, answer)) is not None:
        return program
    if answer.lstrip("\n")[:1].isspace():
        program = _from_definition(problem, textwrap.dedent(answer)) or _with_body(problem, answer)
        if program is not None:
            return program
    blocks = fenced_blocks(answer)
    program = _from_blocks(problem, blocks) or _from_lines(problem, answer)
    if program is None and not blocks:
        program = _from_continuation(problem, answer)
    return _unreadable(problem, blocks, answer) if program is None else program


# Code that defines the entry point


def _from_blocks(problem: Problem, blocks: tuple[str, ...]) -> str | None:
    """Return the last block that defines the entry point, else the last to continue the prompt."""
    for index in reversed(range(len(blocks))):
        code = textwrap.dedent(blocks[index])
        program = _from_definition(problem, code, helpers=blocks[:index])
        if program is not None:
            return program
    # A block with its own definition, which does not parse, is not a body: it is kept as it is.
    bodies = (block for block in reversed(blocks) if not _starts_definition(problem, block))
    found = (_from_continuation(problem, block) for block in bodies)
    return next((program for program in found if program is not None), None)


def _from_lines(problem: Problem, text: str) -> str | None:
    """Return the longest run of lines that parses and defines the entry point."""
    lines = lines_of(text)
    header = re.compile(rf"(?:async )?def {re.escape(problem.entry_point)}\b")
    last = max((i for i, line in enumerate(lines) if header.match(normalised(line))), default=-1)
    starts = [i for i, line in enumerate(lines[: last + 1]) if i == 0 or _OPENING.match(line)]
    end = 0
    for start in starts[:_MAX_STARTS]:
        if start < end:
            continue  # the line that ended the last run would end this one, too
        run = "".join(lines[start:])
        program = _from_definition(problem, run)
        if program is not None:
            return program
        end = start + len(lines_of(parsing_lines(run, otherwise="")))
    return None


def _from_definition(problem: Problem, code: str, helpers: Sequence[str] = ()) -> str | None:
    """Return the program of a text that defines the entry point; None if it does not.

    The imports and helper functions that precede the prompt's function come first.
    """
    if problem.entry_point not in normalised(code):
        return None
    whole, code = code, parsing_lines(code)
    tree = parse(code)
    if tree is None or definition_of(tree, problem.entry_point) is None:
        return None
    if definition_of(tree, problem.entry_point) is tree.body[-1] and cut_within(code, whole):
        code = whole  # its own body does not parse: the model's mistake is kept
    for helper in reversed(helpers):
        code = _needed_helpers(helper, tree) + code
    return _with_preamble(problem, without_demo(code, problem.entry_point))


def _with_preamble(problem: Problem, code: str) -> str:
    """Return the code after the lines that precede the prompt's function, unless it has them."""
    function = find_function(problem.prompt, problem.entry_point)
    preamble = problem.prompt[: function.start] if function else ""
    if code.startswith(preamble.strip()) or parse(preamble) is None:
        return code
    return _future_first(preamble + code)


def _unreadable(problem: Problem, blocks: tuple[str, ...], answer: str) -> str:
    """Return a text that is not a program: the block that defines the function, else all of it."""
    for block in reversed(blocks):
        if _starts_definition(problem, block):
            return _with_preamble(problem, block)
    repeats = answer.startswith(problem.prompt.rstrip())
    return answer if repeats else problem.prompt + answer


def _starts_definition(problem: Problem, code: str) -> bool:
    """Whether a line of the code begins a definition of the entry point."""
    header = rf"^\s*(?:async )?def {re.escape(problem.entry_point)}\b"
    return re.search(header, normalised(code), re.MULTILINE) is not None


def _needed_helpers(block: str, tree: ast.Module) -> str:
    """Return an earlier block if it holds only definitions and the code needs one, else ''."""
    earlier = parse(block)
    if earlier is None or not all(is_definition(node) for node in earlier.body):
        return ""
    own = set().union(*map(names_bound, tree.body))
    given = set().union(*map(names_bound, earlier.body))
    needed = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return f"{block.rstrip()}\n\n" if (given - own) & needed else ""


def _future_first(source: str) -> str:
    """Return the program with its `from __future__` lines at the top, as Python requires."""
    lines = re.findall(FUTURE, source, re.MULTILINE)
    if not lines or source.startswith("from __future__"):
        return source
    return "".join(dict.fromkeys(lines)) + re.sub(FUTURE, "", source, flags=re.MULTILINE)


# Text that continues the prompt


def _from_repeated_prompt(problem: Problem, text: str) -> str | None:
    """Return the program of a text that first repeats the prompt, as base models do; else None."""
    prompt = problem.prompt.rstrip()
    if not text.startswith(prompt) or "```" in text:
        return None
    rest = text[len(prompt) :]
    return _with_body(problem, rest.removeprefix("\n") if problem.prompt.endswith("\n") else rest)


def _from_continuation(problem: Problem, text: str) -> str | None:
    """Return prompt and body with the body's own or added indentation, whichever is longest."""
    body = text.strip("\n").rstrip()
    readings = (text, f"    {body}", textwrap.indent(textwrap.dedent(body), "    "))
    programs = [
        program
        for reading in dict.fromkeys(readings)
        if (program := _with_body(problem, reading)) is not None
    ]
    return max(programs, key=lambda program: _body_lines(program, problem), default=None)


def _with_body(problem: Problem, body: str) -> str | None:
    """Return prompt and body, up to the first statement that is neither function nor helper."""
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


def _body_lines(program: str, problem: Problem) -> int:
    """Return the number of lines of the entry point's first definition."""
    tree = parse(program)
    node = first_binding(tree, problem.entry_point) if tree else None
    return (node.end_lineno or 0) - node.lineno if node else 0
