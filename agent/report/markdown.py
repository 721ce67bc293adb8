"""`report.md`: the figures of a run, and their provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.report.figures import figures, unjudged_lines, unscored_lines
from agent.report.summary import Report
from agent.support.safe_text import one_line, visible

LIST_SHOWN = 8
"""Maximum number of a list's items to show."""


def render_markdown(report: Report, manifest: Mapping[str, object]) -> str:
    """Return the report as GitHub-flavoured Markdown. Nested manifest keys become `a.b.c`."""
    rows = [
        (figure.label, f"**{escaped(figure.value)}**" if figure.strong else escaped(figure.value))
        for figure in figures(report)
    ]
    parts = [f"# {escaped(report.dataset)}: the loop against the single shot"]
    parts += [f"> **{escaped(line)}**" for line in unscored_lines(report)[:1]]
    if unjudged := unjudged_lines(report):
        reasons = "".join(f"\n> - {escaped(line)}" for line in unjudged[1:])
        parts.append(f"> **{escaped(unjudged[0])}**\n>{reasons}")
    parts.append(table(("figure", "value"), rows))
    if report.unscored:
        failures = [(_code(u.task_id), escaped(one_line(u.error))) for u in report.unscored]
        parts += ["## Unscored", table(("problem", "why"), failures)]
    facts = [(_code(key), _code(value)) for key, value in flatten(manifest)]
    if facts:
        parts += ["## Provenance", table(("key", "value"), facts)]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table. The cells are not escaped."""
    every = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in every)


def escaped(text: str) -> str:
    """Return a text as one line of Markdown that shows it literally, even in a table."""
    return re.sub(r"([\\`*_<>\[\]|~&#$])", r"\\\1", _on_one_line(text))


def flatten(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of a nested value as (dotted key, text). A long list is shortened."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flatten(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        yield key, _join(value)
    else:
        yield key, _leaf(value)


def _join(values: list[object] | tuple[object, ...]) -> str:
    shown = ", ".join(map(_leaf, values[:LIST_SHOWN]))
    return shown if len(values) <= LIST_SHOWN else f"{shown}, ... ({len(values)} in all)"


def _leaf(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _code(text: str) -> str:
    """Return a text as a code span. In a table, only the bar needs escaping."""
    line = _on_one_line(text).replace("|", "\\|")
    if not line:
        return ""
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _on_one_line(text: str) -> str:
    return " ".join(visible(text).split())
