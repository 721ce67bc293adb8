"""Reader of a chat's request. Uses only the messages, and evaluates only literals."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.synthesiser import kinds
from agent.synthesiser.call_examples import Example, read_asserts, read_examples
from agent.synthesiser.words import stems
from agent.types import Message

_FENCE = re.compile(r"```[a-zA-Z0-9]*[ \t]*\n(.*?)```", re.DOTALL)
_EXAMPLE_LINE = re.compile(r">>>|==|=>|->|➞|^\s*[\[\]({'\"\d]")
_TEXT_WORDS = {"string", "str", "text", "word", "sentence", "s", "char", "letter", "message"}
_LIST_WORDS = {"lst", "list", "arr", "array", "num", "number", "l", "xs", "item", "element"}
_TRUTH_WORDS = {"true", "fals", "whether", "if", "is", "check", "bool", "boolean"}


@dataclass(frozen=True)
class Asked:
    """The request that a chat makes, as read from its messages."""

    purpose: str
    """`draft`, `tests` or `repair`."""
    name: str
    params: tuple[str, ...]
    kinds: tuple[str, ...]
    goal: str
    words: dict[str, float]
    """Stems of the docstring's prose and of the function's name, with their weights."""
    stub: ast.FunctionDef
    header: tuple[ast.stmt, ...]
    """The statements before the stub: imports and complete functions."""
    examples: tuple[Example, ...] = ()
    asserts: tuple[Example, ...] = ()
    """Calls with expected values, from the tests in a repair prompt."""
    attempt: str = ""
    count: int = 5
    constants: tuple[object, ...] = field(default=())
    """Numbers and quoted strings that the docstring mentions."""

    @property
    def constraints(self) -> tuple[Example, ...]:
        """All examples that a program should meet, the docstring's first, and each call once."""
        seen = {repr(example.args) for example in self.examples}
        return (*self.examples, *(test for test in self.asserts if repr(test.args) not in seen))


def read(messages: Sequence[Message]) -> Asked | None:
    """Return the request of a chat; None if it has no function stub."""
    text = "\n\n".join(message.content for message in messages if message.role == "user")
    blocks = _FENCE.findall(text) or [text]
    for position in range(len(blocks) - 1, -1, -1):
        found = _stub_of(blocks[position])
        if found is not None:
            return _task(text, blocks[position + 1 :], *found)
    return None


def _stub_of(block: str) -> tuple[ast.FunctionDef, tuple[ast.stmt, ...]] | None:
    """Return the last function without a body, and the statements before it."""
    for source in (block, block.rstrip() + "\n    pass\n"):
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for index in range(len(body) - 1, -1, -1):
            node = body[index]
            if isinstance(node, ast.FunctionDef) and all(map(_is_idle, node.body)):
                return node, tuple(body[:index])
    return None


def _is_idle(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass)


def _task(
    text: str, later: list[str], stub: ast.FunctionDef, header: tuple[ast.stmt, ...]
) -> Asked:
    docstring = ast.get_docstring(stub) or ""
    params = tuple(arg.arg for arg in (*stub.args.posonlyargs, *stub.args.args))
    examples = read_examples(docstring, stub.name, len(params))
    asserts = read_asserts(text, stub.name, len(params))
    attempt = next((block for block in reversed(later) if f"def {stub.name}" in block), "")
    known = (*examples, *asserts)
    heard = _words(docstring, stub.name)
    return Asked(
        purpose=_purpose(text, attempt),
        name=stub.name,
        params=params,
        kinds=tuple(_param_kind(stub, i, known, heard) for i in range(len(params))),
        goal=_goal_kind(stub, known, heard),
        words=heard,
        stub=stub,
        header=header,
        examples=examples,
        asserts=asserts,
        attempt=attempt,
        count=_count(text),
        constants=_constants(docstring, known),
    )


def _purpose(text: str, attempt: str) -> str:
    if attempt and re.search(r"failing tests", text, re.IGNORECASE):
        return "repair"
    outside = _FENCE.sub("", text)
    if attempt:
        return "repair"
    asked = re.search(r"test cases|\bassert\b", outside, re.IGNORECASE)
    return "tests" if asked else "draft"


def _count(text: str) -> int:
    match = re.search(r"\b(\d{1,3})\b[^.\n]{0,40}\b(?:tests?\b|test cases|asserts)", text)
    return min(int(match.group(1)), 100) if match else 5


def _words(docstring: str, name: str) -> dict[str, float]:
    prose = [line for line in docstring.splitlines() if not _EXAMPLE_LINE.search(line)]
    heard = dict.fromkeys(stems(" ".join(prose)), 1.0)
    return {**heard, **dict.fromkeys(stems(name), 1.5)}


def _param_kind(
    stub: ast.FunctionDef, index: int, known: tuple[Example, ...], heard: dict[str, float]
) -> str:
    arg = (*stub.args.posonlyargs, *stub.args.args)[index]
    kind = kinds.of_annotation(arg.annotation)
    seen = kinds.join_all(kinds.kind_of(example.args[index]) for example in known)
    kind = _merge(kind, seen)
    if kind == "?":
        kind = _kind_of_name(stems(arg.arg), heard)
    return kinds.settle(kind, "str" if "string" in arg.arg else "int")


def _merge(stated: str, seen: str) -> str:
    """Complete an annotated type by the type in the examples, which wins if they conflict."""
    both = kinds.join(stated, seen)
    return both if both != "any" or "any" in (stated, seen) else seen


def _kind_of_name(name: list[str], heard: dict[str, float]) -> str:
    if _TEXT_WORDS & set(name):
        return "str"
    if _LIST_WORDS & set(name) and (len(name[0]) > 1 and name[0] != "num"):
        return "[str]" if "str" in heard and "integer" not in heard else "[int]"
    return "int"


def _goal_kind(stub: ast.FunctionDef, known: tuple[Example, ...], heard: dict[str, float]) -> str:
    seen = kinds.join_all(kinds.kind_of(example.value) for example in known)
    kind = _merge(kinds.of_annotation(stub.returns), seen)
    if kind == "?":
        kind = "bool" if len(_TRUTH_WORDS & set(heard)) >= 2 else "int"
    return kinds.settle(kind, "int")


def _constants(docstring: str, known: tuple[Example, ...]) -> tuple[object, ...]:
    prose = "\n".join(line for line in docstring.splitlines() if not _EXAMPLE_LINE.search(line))
    numbers = [int(number) for number in re.findall(r"(?<![\w.])\d{1,4}(?![\w.])", prose)]
    quoted = [a or b for a, b in re.findall(r"\"([^\"\n]{1,12})\"|'([^'\n]{1,12})'", docstring)]
    answers = [example.value for example in known if isinstance(example.value, str)]
    repeated = [value for value in answers if answers.count(value) > 1]
    return tuple(dict.fromkeys([*numbers[:6], *quoted[:6], *repeated[:4]]))
