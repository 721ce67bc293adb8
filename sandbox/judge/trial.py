"""Runs the program once and each test where its names are at hand. In the program's process.

Between tests the namespace is put back as the program left it, so a test sees no name that an
earlier test bound; objects that a test *changed in place* stay changed. The tests share names with
the program's functions, as they do where benchmarks paste the two together: a program that uses
`math` without importing it passes where its test imports it.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

from . import evidence
from .evidence import COMPILE_ERRORS, PROGRAM, TEST, of_exception, shown

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

PASSED: dict[str, Any] = {"status": "passed"}
MODULE = "program"
_FRAMES_OF_OURS = 20
"""Frames of the judge below a program's first, for which the program does not pay."""
_RECURSION_LIMIT = sys.getrecursionlimit() + _FRAMES_OF_OURS
_set_recursion_limit, _get_recursion_limit = sys.setrecursionlimit, sys.getrecursionlimit
_set_trace, _set_profile = sys.settrace, sys.setprofile
_Assert, _Compare, _Eq, _Expression = ast.Assert, ast.Compare, ast.Eq, ast.Expression
_AST_ONLY = ast.PyCF_ONLY_AST


class Trial:
    """One program and its namespace."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        module = ModuleType(MODULE)
        sys.modules[MODULE] = module  # dataclasses and type hints look their module up
        self._names = module.__dict__
        self._names["__builtins__"] = builtins  # the true ones, and not the copy above
        self._loaded: dict[str, Any] = {}
        self._recursion_limit = _RECURSION_LIMIT

    def load(self, program: str) -> dict[str, Any] | None:
        """Run the program; an outcome where it fails, which is then every test's outcome."""
        try:
            code = compile(program, PROGRAM, "exec", dont_inherit=True)
        except COMPILE_ERRORS as error:
            return evidence.of_syntax_error(error, self._limit)
        failure = self._guard(lambda: self._execute(code))
        self._loaded = dict(self._names)
        return failure

    def _execute(self, code: CodeType) -> None:
        exec(code, self._names)  # noqa: S102 - the point of it
        self._recursion_limit = _get_recursion_limit()  # the program's own, for its tests too

    def test(self, source: str) -> dict[str, Any]:
        """Run one test."""
        try:
            tree = compile(source, TEST, "exec", _AST_ONLY, dont_inherit=True)
            action = self._comparison(tree) or self._plain(tree)
        except COMPILE_ERRORS as error:
            return evidence.of_broken_test(error, self._limit)
        outcome = self._guard(action)
        self._names.clear()
        self._names.update(self._loaded)
        return outcome or PASSED

    def _plain(self, tree: Any) -> Callable[[], None]:
        code = compile(tree, TEST, "exec", dont_inherit=True)
        return lambda: exec(code, self._names)  # noqa: S102 - the point of it

    def _comparison(self, tree: Any) -> Callable[[], dict[str, Any] | None] | None:
        """A test that is nothing but `assert LEFT == RIGHT[, MESSAGE]`, with its values kept."""
        if len(tree.body) != 1 or type(tree.body[0]) is not _Assert:
            return None
        node = tree.body[0]
        if type(node.test) is not _Compare or len(node.test.ops) != 1:
            return None
        if type(node.test.ops[0]) is not _Eq:
            return None
        left, right = _expression(node.test.left), _expression(node.test.comparators[0])
        message = _expression(node.msg) if node.msg else None
        return lambda: self._compare(left, right, message)

    def _compare(
        self, left: CodeType, right: CodeType, message: CodeType | None
    ) -> dict[str, Any] | None:
        """Evaluate each side once; an outcome where they are unequal."""
        actual = eval(left, self._names)
        expected = eval(right, self._names)
        if actual == expected:
            return None
        text = eval(message, self._names) if message else ""
        return {
            "status": "wrong answer",
            "exception": "AssertionError",
            "message": shown(text, self._limit, str),
            "expected": shown(expected, self._limit),
            "actual": shown(actual, self._limit),
        }

    def _guard(self, action: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        """Do something untrusted; an outcome where it raised anything at all."""
        try:
            _set_recursion_limit(self._recursion_limit)
            outcome = action()
        except BaseException as error:  # noqa: BLE001 - untrusted code runs here
            self._undo_tricks()
            return of_exception(error, self._limit)
        self._undo_tricks()
        return outcome

    def _undo_tricks(self) -> None:
        _set_trace(None)
        _set_profile(None)
        _set_recursion_limit(_RECURSION_LIMIT)


def _expression(node: ast.expr) -> CodeType:
    return compile(_Expression(node), TEST, "eval", dont_inherit=True)
