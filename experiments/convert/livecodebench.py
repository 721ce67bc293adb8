"""LiveCodeBench's functional problems in HumanEval's format.

FILE is one of the JSON lines files of the data set `code_generation_lite`. The method of a class
Solution becomes a function, the tests that a problem shows become its docstring examples, and the
others the hidden test.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import pickletools
import sys
import zlib
from collections.abc import Mapping
from functools import partial
from textwrap import indent
from typing import Any, NamedTuple

from agent.datasets.jsonl import text_field
from agent.errors import DatasetError
from agent.parsing.source import parse
from agent.support.command import command
from experiments.convert.conversion import LeftOutError, convert_file, parser

NAME = "experiments.convert.livecodebench"
HEADER = """\
import bisect, collections, copy, functools, heapq, itertools, math, operator, random, re, string
from bisect import *
from collections import *
from functools import *
from heapq import *
from itertools import *
from math import *
from typing import *
from builtins import pow
"""
"""Names that answers use without importing them, as LiveCodeBench's own judge allows."""
_TEST = """\
import json

CASES = json.loads({cases!r})


def check(candidate):
    for arguments, expected in CASES:
        result = candidate(*arguments)
        assert (list(result) if isinstance(result, tuple) else result) == expected
"""
_TEXT_OPCODES = frozenset({"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"})
_PLAIN_OPCODES = frozenset({"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "STOP"})


class MethodCase(NamedTuple):
    """A call of the method, and the value that it returns."""

    arguments: list[Any]
    expected: Any


def convert_problem(record: Mapping[str, object], where: str, since: str = "") -> dict[str, str]:
    """Return a functional problem in HumanEval's format.

    Raises LeftOutError if it is of another kind or older than `since`, and DatasetError if a field
    is broken.
    """
    date = text_field(record, "contest_date", where)
    if date < since:
        raise LeftOutError("their contest was before --since")
    name = _json(text_field(record, "metadata", where) or "{}", "metadata", where).get("func_name")
    if not isinstance(name, str):
        raise LeftOutError("they read standard input")
    shown = _cases(text_field(record, "public_test_cases", where), "public_test_cases", where)
    text = private_text(text_field(record, "private_test_cases", where), where)
    hidden = [case for case in _cases(text, "private_test_cases", where) if case not in shown]
    if not hidden:
        raise LeftOutError("they show every test")
    starter = text_field(record, "starter_code", where)
    return {
        "task_id": f"LiveCodeBench/{text_field(record, 'question_id', where)}",
        "prompt": _prompt(starter, name, text_field(record, "question_content", where), shown),
        "entry_point": name,
        "test": _TEST.format(cases=json.dumps(hidden)),
        "contest_date": date,
        "platform": str(record.get("platform", "")),
        "difficulty": str(record.get("difficulty", "")),
    }


def _prompt(starter: str, name: str, content: str, shown: list[MethodCase]) -> str:
    """Return the method as a function with a docstring: the problem's text, and its shown tests."""
    method = _only_method(starter)
    if method is None or method.name != name or not method.args.args:
        raise LeftOutError("their starter code is not a class Solution with one method")
    del method.args.args[0]  # self
    head = ast.unparse(method).rpartition("\n")[0]
    examples = "".join(
        f"\n>>> {name}({', '.join(map(repr, case.arguments))})\n{case.expected!r}\n"
        for case in shown
    )
    body = f"{content.strip()}\n{examples}".replace('"""', "'''")
    opening = 'r"""' if "\\" in body else '"""'
    docstring = indent(f'{opening}{body}"""', "    ")
    return f"{HEADER}\n\n{head}\n{docstring}\n"


def _only_method(starter: str) -> ast.FunctionDef | None:
    """Return the method of starter code that has one class, Solution, with one method."""
    tree = parse(f"{starter.rstrip()} pass")
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)] if tree else []
    match classes:
        case [ast.ClassDef(name="Solution", body=[ast.FunctionDef() as method])]:
            return method
    return None


def private_text(text: str, where: str) -> str:
    """Return the hidden tests as JSON text, which may be packed: base64, zlib, pickle.

    The pickle is not loaded, since loading may run code: its opcodes must be those of one string.
    """
    if text.lstrip().startswith("["):
        return text
    try:
        opcodes = [*pickletools.genops(zlib.decompress(base64.b64decode(text, validate=True)))]
    except (binascii.Error, zlib.error, ValueError) as error:
        raise DatasetError(f"{where}: 'private_test_cases' cannot be unpacked: {error}") from None
    texts = [value for opcode, value, _ in opcodes if opcode.name in _TEXT_OPCODES]
    others = {opcode.name for opcode, _, _ in opcodes} - _TEXT_OPCODES - _PLAIN_OPCODES
    if len(texts) != 1 or others:
        raise DatasetError(f"{where}: 'private_test_cases' must be packed as one string")
    return str(texts[0])


def _cases(text: str, field: str, where: str) -> list[MethodCase]:
    """Return the tests of a field: each has a line of JSON per argument, and the value as JSON."""
    found = []
    for test in _json(text, field, where):
        if not isinstance(test, dict) or test.get("testtype") != "functional":
            raise LeftOutError("they read standard input")
        lines = text_field(test, "input", where).split("\n")
        arguments = [_json(line, field, where) for line in lines if line.strip()]
        found.append(MethodCase(arguments, _json(text_field(test, "output", where), field, where)))
    return found


def _json(text: str, field: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{where}: {field!r} is not valid JSON: {error}") from None


@command(NAME)
def main(argv: list[str]) -> int:
    """Convert a file."""
    options = parser(NAME, __doc__)
    options.add_argument(
        "--since", default="", metavar="DATE", help="leave out problems of contests before DATE"
    )
    given = options.parse_args(argv)
    convert_file(given.file, given.out, partial(convert_problem, since=given.since))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
