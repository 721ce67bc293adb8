"""Reasons outside the programs for which all of them fail, with the option that helps."""

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Collection, Iterable, Sequence

from agent.evaluation.reference_check import package_of
from agent.evaluation.sample_figures import SampleVerdict
from agent.parsing.source import parse
from agent.support.safe_text import one_line
from agent.types import Row

_MISSING = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
_USUAL = {"np": "import numpy as np", "pd": "import pandas as pd"}
_SANITIZE = (
    "if these are answers of a model, not programs, `codeloop sanitize` reads the programs in them"
)


def outside_reason(
    verdicts: Sequence[SampleVerdict],
    entry_points: Collection[str],
    *,
    header: str = "",
    packages: Sequence[str] = (),
) -> str:
    """Return a line that says why all samples fail alike; empty if a reason is not known.

    A problem whose reference solution fails as well is reported elsewhere.
    """
    failed = [f"{verdict.outcome}: {verdict.detail}" for verdict in verdicts]
    if not verdicts or any(verdict.passed or verdict.unjudged for verdict in verdicts):
        return ""
    found = (
        _header(header)
        or _packages(_common(failed, _MISSING), packages)
        or _names(_common(failed, _NAME), entry_points, header)
        or _statuses({verdict.outcome for verdict in verdicts}, len(verdicts))
    )
    return f"every sample fails alike, {one_line(found, 300)}" if found else ""


def missing_packages(rows: Iterable[Row], packages: Sequence[str]) -> str:
    """Return a line if all programs of a run fail all visible tests for want of a package."""
    failed = [f"{one.exception}: {one.message}" for row in rows for one in row.outcomes]
    found = _packages(_common(failed, _MISSING), packages)
    return f"every program fails alike, {one_line(found, 300)}" if found else ""


def _common(failed: Sequence[str], pattern: re.Pattern[str]) -> set[str]:
    """Return the names that a pattern finds in the failures; none if one does not match."""
    matches = [pattern.search(text) for text in failed]
    names = {match[1] for match in matches if match}
    return names if None not in matches else set()


def _header(header: str) -> str:
    return "since --header is not Python: give whole lines" if parse(header) is None else ""


def _packages(modules: set[str], given: Sequence[str]) -> str:
    if not modules or modules & sys.stdlib_module_names:
        return ""
    names = ", ".join(f"'{module}'" for module in sorted(modules))
    option = ",".join((*given, *sorted(map(package_of, modules))))
    return f"No module named {names}: --sandbox.packages {option}"


def _names(names: set[str], entry_points: Collection[str], header: str) -> str:
    if not names:
        return ""
    if names <= set(entry_points):
        return f"no program defines its function: {_SANITIZE}"
    lines = {_import_of(name) for name in names}
    if "" in lines:
        return ""
    text = "; ".join(filter(None, (header, *sorted(lines))))
    return f"name '{min(names)}' is not defined: --header '{text}' goes before each `solution`"


def _import_of(name: str) -> str:
    if name in typing.__all__:
        return "from typing import *"
    if name in sys.stdlib_module_names:
        return f"import {name}"
    return _USUAL.get(name, "")


def _statuses(statuses: set[str], count: int) -> str:
    advice = {
        "syntax error": f"with a syntax error: {_SANITIZE}",
        "timeout": "with a timeout: --sandbox.hidden-seconds gives them more time",
        "out of memory": "out of memory: --sandbox.memory-mb gives them more",
    }
    return advice.get(min(statuses), "") if len(statuses) == 1 and count > 1 else ""
