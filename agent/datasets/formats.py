"""Records of benchmarks' own files, as records with HumanEval's public fields.

A record of HumanEval's format keeps its hidden `test`, one of EvalPlus' its `base_input` and
`plus_input`, and one of MBPP's gets `asserts`, with the statements before them as `setup`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from agent.datasets.jsonl import text_field
from agent.errors import DatasetError
from agent.parsing.source import bound_names, parse

_NO_WAY = "problems need task_id, prompt, entry_point and test"
_OTHERS = (
    (
        {"question_content", "starter_code"},
        "LiveCodeBench",
        "convert it with python -m experiments.convert.livecodebench",
    ),
    (
        {"complete_prompt", "instruct_prompt"},
        "BigCodeBench",
        "convert it with python -m experiments.convert.bigcodebench",
    ),
    ({"test_list", "test"}, "MBPP+ in MBPP's format", "give MbppPlus.jsonl, EvalPlus' own file"),
    ({"input_output", "solutions"}, "APPS", _NO_WAY),
    ({"code_context", "reference_code"}, "DS-1000", _NO_WAY),
    ({"completion"}, "a file of samples", _NO_WAY),
    ({"solution"}, "a file of samples", _NO_WAY),
    ({"tests"}, "a file of tests", _NO_WAY),
)
"""Fields of other files, with the files' names and advice."""


def humaneval_fields(record: Mapping[str, object], where: str) -> Mapping[str, object]:
    """Return a record with `task_id`, `prompt` and `entry_point`.

    Raises DatasetError, with `where`, for a record of another benchmark, and says which.
    """
    if "test_list" in record and "test" not in record:
        return _of_mbpp(record, where)
    if not record.keys() >= {"task_id", "prompt", "entry_point"}:
        for fields, name, advice in _OTHERS:
            if fields <= record.keys():
                raise DatasetError(f"{where}: this looks like {name}; {advice}")
    return record


def _of_mbpp(record: Mapping[str, object], where: str) -> dict[str, object]:
    """Return a record of MBPP or of its sanitized part.

    The prompt is a docstring with the text and the first assert, as EvalPlus makes it; so the first
    assert is a visible test as well.
    """
    asserts, imports = _texts(record, "test_list", where), _texts(record, "test_imports", where)
    if not asserts:
        raise DatasetError(f"{where}: 'test_list' has no assert")
    code = _lines(text_field(record, "code", where))
    text = text_field(record, "text" if "text" in record else "prompt", where)
    setup = str(record.get("test_setup_code", ""))
    return {
        "task_id": f"Mbpp/{record.get('task_id')}",
        "prompt": f'"""\n{_lines(text)}\n{_lines(asserts[0])}\n"""\n',
        "entry_point": _called(asserts[0], code, where),
        "canonical_solution": code,
        "setup": _lines("\n".join([*imports, setup])),
        "asserts": [_lines(text) for text in asserts],
    }


def _texts(record: Mapping[str, object], key: str, where: str) -> list[str]:
    texts = record.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise DatasetError(f"{where}: {key!r} must be a list of strings")
    return texts


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _called(test: str, code: str, where: str) -> str:
    """Return the function of the reference solution that a test calls."""
    solution, tree = parse(code), parse(test)
    defined = bound_names(solution) if solution else set()
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in defined:
                return name
    raise DatasetError(f"{where}: the first assert calls no function of 'code'")
