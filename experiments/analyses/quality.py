"""Complexity and lint of programs, right and wrong ones: radon and ruff."""

from __future__ import annotations

import ast
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from radon.complexity import cc_visit_ast
from ruff import find_ruff_bin

from agent.parsing.source import is_shallow, parse
from experiments.analyses.analysis_table import (
    AnalysedRun,
    AnalysisTable,
    Cell,
    line_count,
    mean,
)
from experiments.analyses.failures import by_verdict, programs_of

NAME = "quality"
RULES = "E4,E7,E9,F,B,C4,SIM"
"""Rules of ruff: its default ones, and those on likely bugs, comprehensions and simple forms."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SHOWN = 3
"""Number of the most frequent rules to name."""


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table: single shots and answers of each run, right and wrong ones apart."""
    yield AnalysisTable(
        name=NAME,
        title="Quality of programs",
        notes=(
            "Complexity is McCabe's, by radon: that of a program's most complex function."
            f" Findings are ruff's (rules {RULES}). Programs that do not parse, or nest too"
            " deeply, are left out.",
        ),
        head=(
            *("run", "programs of", "verdict", "programs", "lines, mean", "complexity, mean"),
            *("most complex", "findings per 100 lines", "most frequent"),
        ),
        rows=tuple(row for run in runs for row in _rows(run)),
    )


def _rows(run: AnalysedRun) -> Iterator[tuple[Cell, ...]]:
    for label, programs in programs_of(run.traces):
        if label not in ("single shot", "answer"):
            continue
        sources = by_verdict(programs)
        for verdict, passed in (("right", True), ("wrong", False)):
            parsed = [one for one in sources[passed] if one.strip() and _is_readable(one)]
            yield (run.name, label, verdict, len(parsed), *_figures(parsed))


def _is_readable(source: str) -> bool:
    tree = parse(source)
    return tree is not None and is_shallow(tree)


def _figures(sources: Sequence[str]) -> tuple[Cell, ...]:
    if not sources:
        return None, None, None, None, None
    lines = [line_count(source) for source in sources]
    complexity = [complexity_of(source) for source in sources]
    found = findings(sources)
    rules = ", ".join(f"{rule} ({number})" for rule, number in found.most_common(SHOWN))
    rate = 100 * found.total() / sum(lines)
    return mean(lines), mean(complexity), max(complexity), rate, rules or None


def complexity_of(source: str) -> int:
    """Return the cyclomatic complexity of a program's most complex function; 1 without one.

    A function inside another counts alone; radon's figure of a class is no function's.
    """
    visitors = [node for node in ast.walk(ast.parse(source)) if isinstance(node, _FUNCTIONS)]
    found = [cc_visit_ast(ast.Module([node], [])) for node in visitors]
    return max((blocks[0].complexity for blocks in found if blocks), default=1)


def findings(sources: Sequence[str]) -> Counter[str]:
    """Return the number of ruff's findings in programs, by rule."""
    with TemporaryDirectory() as folder:
        for number, source in enumerate(sources):
            (Path(folder) / f"program_{number}.py").write_text(source, "utf-8", "replace")
        options = ("--isolated", "--no-cache", "--exit-zero", "--output-format", "json")
        done = subprocess.run(
            [find_ruff_bin(), "check", *options, "--select", RULES, folder],
            capture_output=True,
            text=True,
            check=True,
        )
    return Counter(sorted(str(one["code"]) for one in json.loads(done.stdout)))
