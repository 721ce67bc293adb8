"""The default: fenced blocks, whole functions, bodies that continue the prompt, bare lines.

The extractor repairs the form of an answer: marks of a chat template, thinking, fences and other
wrappers, prose, missing indentation, demo calls after the function. It does not repair the code: a
function body is never changed, only cut at the line from which the text is no longer Python.
"""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from agent.answers.asked import asked_function
from agent.answers.programs import FUTURE, is_stub_program
from agent.parsing.dependencies import needed_part, unbound_names, without_demo
from agent.parsing.fences import fenced_blocks, wrapped_blocks
from agent.parsing.marks import solutions, turns, with_plain_spaces, without_thinking
from agent.parsing.source import bound_names, parse
from agent.parsing.statements import (
    cut_within,
    definition_of,
    first_binding,
    is_docstring,
    is_idle,
    lines_of,
    parsing_lines,
    python_runs,
)
from agent.types import Problem, normalised

_TAG_LINE = re.compile(r"\s*(?:[A-Za-z]\w*|\[/?\w+\]|</?\w+>):?[ \t]*\r?\n(?=.*\S)", re.DOTALL)
"""A first line with nothing but a word or a tag, such as the name of the language."""


def extract(problem: Problem, text: str) -> str:
    """Return the whole program in an answer. It runs without the prompt, if the model wrote one.

    Thoughts are left out. A part that is marked as the solution is read first, then the text up to
    each special token, then all of it. A stub is returned only if there is nothing else. A text
    that is not a program is kept as it is. Never raises.
    """
    answer = without_thinking(with_plain_spaces(text))
    parts = chain.from_iterable(turns(part) for part in (*solutions(answer), answer))
    stub = None
    for part in dict.fromkeys((*parts, answer)):
        program = _read(problem, part)
        if program is not None and not is_stub_program(problem, program):
            return program
        stub = stub or program
    return stub or _unreadable(problem, answer)


def _read(problem: Problem, text: str) -> str | None:
    """Return the program of a text, or None.

    The readings are tried in this order: a text that repeats the prompt before the body; an
    indented text as the body; the last block, then the last run of lines that defines the entry
    point; the last block that continues the prompt; the text as the function's body.
    """
    if (program := _from_repeated_prompt(problem, text)) is not None:
        return program
    if text.lstrip("\n")[:1].isspace():
        program = _from_definition(problem, textwrap.dedent(text)) or _with_body(problem, text)
        if program is not None:
            return program
    blocks = fenced_blocks(text)
    program = _from_blocks(problem, blocks) or _from_blocks(problem, [text])
    if program is not None and not is_stub_program(problem, program):
        return program
    wrapped = () if blocks else wrapped_blocks(text)
    bodies = _bodies(problem, text, blocks, restated=program is not None)
    return (
        _from_blocks(problem, wrapped)
        or _from_bodies(problem, chain(bodies, reversed(wrapped)))
        or program
    )


# Code that defines the entry point


def _from_blocks(problem: Problem, blocks: Sequence[str]) -> str | None:
    """Return the program of the last run of lines that defines the entry point, not as a stub.

    If all definitions are stubs, return the last one.
    """
    runs = [run for block in blocks for run in python_runs(_dedented(block))]
    stub = None
    for index in reversed(range(len(runs))):
        helpers = [run for run, _ in runs[:index]]
        program = _from_definition(problem, runs[index][1], helpers)
        if program is not None and not is_stub_program(problem, program):
            return program
        stub = stub or program
    return stub


def _dedented(block: str) -> str:
    """Return a block without its common margin; a block without margin is not touched."""
    return textwrap.dedent(block) if block.lstrip("\r\n")[:1].isspace() else block


def _from_definition(problem: Problem, code: str, helpers: Sequence[str] = ()) -> str | None:
    """Return the program of a text that defines the entry point; None if it does not.

    What it needs of earlier blocks and of the lines before the prompt's function comes first.
    """
    name = asked_function(problem).root
    if name not in normalised(code):
        return None
    whole, code = code, parsing_lines(code)
    tree = parse(code)
    node = definition_of(tree, name) if tree else None
    if tree is None or node is None:
        return None
    if node is tree.body[-1] and cut_within(code, whole):
        code = whole  # its own body does not parse: the model's mistake is kept
    else:
        code = without_demo(code, name)
        for helper in reversed(helpers):
            code = needed_part(helper, code, name) + code
    return _with_preamble(problem, code)


def _with_preamble(problem: Problem, code: str) -> str:
    """Return the code after the lines that precede the prompt's function, unless it has them.

    An import at the top of the prompt's function is added if the code needs it.
    """
    asked = asked_function(problem)
    preamble = "" if code.startswith(asked.preamble.strip()) else asked.preamble
    unbound = unbound_names(code, asked.root) if asked.imports else frozenset()
    imports = (
        line for line in asked.imports if (tree := parse(line)) and bound_names(tree) & unbound
    )
    return _future_first(preamble + "".join(f"{line}\n" for line in imports) + code)


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


def _bodies(problem: Problem, text: str, blocks: Sequence[str], *, restated: bool) -> Iterator[str]:
    """Yield the texts that may be the function's body: the last block first; without one, all.

    A block with its own definition, which does not parse, is not a body: it is kept as it is.
    Nor is a text without blocks that only restates the function.
    """
    if not blocks and not restated:
        yield text
    for block in reversed(blocks):
        if not asked_function(problem).is_begun_in(block):
            yield block
    if blocks and not asked_function(problem).is_begun_in(text):
        yield text.partition("```")[0]  # the fence may only close the code before it


def _from_bodies(problem: Problem, bodies: Iterable[str]) -> str | None:
    """Return the program of the first text that continues the prompt."""
    found = (_from_continuation(problem, body) for body in bodies)
    return next((program for program in found if program is not None), None)


def _from_continuation(problem: Problem, text: str) -> str | None:
    """Return prompt and body with the body's own or added indentation, whichever is longest."""
    tag = _TAG_LINE.match(text)
    if tag and not keyword.iskeyword(tag[0].strip(": \r\n")):
        text = text[tag.end() :]
    body, margin = text.strip("\n").rstrip(), asked_function(problem).margin
    readings = (
        text,
        f"{margin}{body}",
        textwrap.indent(textwrap.dedent(body), margin),
        _with_first_line_aligned(body, margin),
    )
    programs = [
        program
        for reading in dict.fromkeys(readings)
        if (program := _with_body(problem, reading)) is not None
    ]
    return max(programs, key=lambda program: _body_lines(program, problem), default=None)


def _with_first_line_aligned(body: str, margin: str) -> str:
    """Return the body with its first line as far in as the least indented of the others."""
    first, *rest = lines_of(body) or [""]
    margins = [line[: len(line) - len(line.lstrip())] for line in rest if line.strip()]
    return min(margins, key=len, default=margin) + first.lstrip() + "".join(rest)


def _with_body(problem: Problem, body: str) -> str | None:
    """Return prompt and body, with the helpers that follow it; a base model's text runs on."""
    whole, asked = problem.prompt + body, asked_function(problem)
    source = parsing_lines(whole, len(lines_of(problem.prompt)))
    tree = parse(source)
    outer = first_binding(tree, asked.root) if tree else None
    function = asked.within(outer)
    if tree is None or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    if all(is_docstring(node) or is_idle(node) for node in function.body):
        return None
    if outer is tree.body[-1] and cut_within(source, whole):
        return None
    return without_demo(source, asked.root, runs_on=True)


def _body_lines(program: str, problem: Problem) -> int:
    """Return the number of lines of the entry point's first definition."""
    tree = parse(program)
    node = first_binding(tree, asked_function(problem).root) if tree else None
    return (node.end_lineno or 0) - node.lineno if node else 0


# Text that is no program


def _unreadable(problem: Problem, answer: str) -> str:
    """Return a text that is not a program: the block that defines the function, else all of it."""
    for block in reversed(fenced_blocks(answer)):
        if asked_function(problem).is_begun_in(block):
            return _with_preamble(problem, block)
    repeats = answer.startswith(problem.prompt.rstrip())
    return answer if repeats else problem.prompt + answer
