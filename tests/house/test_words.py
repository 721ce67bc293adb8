"""The words of the code: first sentences of docstrings, and names that mean one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from agent.support.data import ROOT

CODE = ("agent", "sandbox", "experiments")
FROZEN = ROOT / "agent" / "repair" / "watch" / "inside.py"
"""Its hash stands in the manifests of runs."""
SHARED = {
    "base.py": "the protocol of a folder's implementations",
    "settings.py": "settings of commands, and their sources",
    "types.py": "the records of a package",
    **dict.fromkeys(
        ("audit.py", "examples.py", "losses.py", "plugins.py", "run.py", "suspects.py"),
        "a command, and the module that does its work",
    ),
    **dict.fromkeys(("docstring.py", "markdown.py", "samples.py"), "a plug-in, which users name"),
    "patch.py": "a command, and the strategy that makes nothing but patches, which users name",
}
"""File names that stand more than once, with what all of them mean."""


def parsed(folders: tuple[str, ...]) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "_data" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_docstring_begins_like_a_question() -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{path.relative_to(ROOT)}: {text.splitlines()[0]}"
        for path, tree in parsed((*CODE, "tests", "docs"))
        for node in ast.walk(tree)
        if isinstance(node, kinds) and path != FROZEN and (text := ast.get_docstring(node))
        if re.match(r"(What|Where|How|Which|Who|Whose|Whom|Why|When)\b", text)
    ]
    assert found == []


def test_a_name_of_a_class_or_file_means_one_thing() -> None:
    classes, files = defaultdict(set), defaultdict(set)
    for path, tree in parsed(CODE):
        files[path.name].add(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and path != FROZEN:
                classes[node.name].add(path)
    assert {name for name, paths in classes.items() if len(paths) > 1} == set()
    assert {name for name, paths in files.items() if len(paths) > 1} == {"__init__.py", *SHARED}
