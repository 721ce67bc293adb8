"""The function that a problem asks for: its names, and its place in the prompt."""

from __future__ import annotations

import ast
import re
import textwrap
from functools import lru_cache
from typing import NamedTuple

from agent.parsing.source import EntryPoint, find_function, parse
from agent.parsing.statements import definition_of
from agent.types import Problem, normalised


class AskedFunction(NamedTuple):
    """The function, or the method of a class, that a problem asks for."""

    root: str
    """The top-level name: the function, or in `Solution().method` the class."""
    name: str
    """The name of the function or method itself."""
    preamble: str = ""
    """The prompt's lines before the function or its class; empty if they are not Python."""
    margin: str = "    "
    """The indentation of its body."""
    imports: tuple[str, ...] = ()
    """Imports between its header and its docstring."""

    def node_in(self, tree: ast.Module) -> ast.stmt | None:
        """Return the last definition of the function; of the class, if that lacks the method."""
        return self.within(definition_of(tree, self.root))

    def within(self, node: ast.stmt | None) -> ast.stmt | None:
        """Return the method, if `node` is a class that has it, else `node`."""
        if not isinstance(node, ast.ClassDef) or self.name == self.root:
            return node
        methods = (one for one in reversed(node.body) if getattr(one, "name", "") == self.name)
        return next(methods, node)

    def is_begun_in(self, code: str) -> bool:
        """Whether a line of the code begins a definition of the function or its class."""
        header = rf"^\s*(?:(?:async )?def|class) {re.escape(self.root)}\b"
        return re.search(header, normalised(code), re.MULTILINE) is not None


def asked_function(problem: Problem) -> AskedFunction:
    """Return the function that a problem asks for."""
    return _asked(problem.prompt, problem.entry_point)


@lru_cache(maxsize=256)
def _asked(prompt: str, entry_point: str) -> AskedFunction:
    names = re.findall(r"[^\W\d]\w*", entry_point) or [entry_point]
    root, name = names[0], names[-1]
    function = find_function(prompt, name)
    if function is None:
        return AskedFunction(root, name)
    owner = list(re.finditer(rf"^class {re.escape(root)}\b", prompt, re.MULTILINE))
    preamble = prompt[: owner[-1].start() if root != name and owner else function.start]
    preamble = preamble if parse(preamble) is not None else ""
    return AskedFunction(
        root, name, preamble, _margin(prompt, function), _imports(prompt, function)
    )


def _margin(prompt: str, function: EntryPoint) -> str:
    """Return the indentation of a function's docstring, or its own and four spaces more."""
    if function.docstring is not None:
        line = prompt[prompt.rfind("\n", 0, function.docstring.start) + 1 :]
        if line.lstrip()[:1] in {'"', "'", "r", "R"} and line[:1].isspace():
            return line[: len(line) - len(line.lstrip())]
    header = prompt[function.start :]
    return header[: len(header) - len(header.lstrip())] + "    "


def _imports(prompt: str, function: EntryPoint) -> tuple[str, ...]:
    end = function.docstring.start if function.docstring else len(prompt)
    tree = parse(textwrap.dedent(prompt[function.header : prompt.rfind("\n", 0, end) + 1]))
    body = tree.body if tree else []
    return tuple(ast.unparse(one) for one in body if isinstance(one, ast.Import | ast.ImportFrom))
