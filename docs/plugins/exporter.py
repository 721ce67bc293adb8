"""The chosen programs of a run as one Markdown file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent import Report, Trace


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write the answers of a run to `out`. `report` is None if the run is not finished."""
    parts = [f"# {trace.problem.task_id}\n\n```python\n{trace.answer}\n```\n" for trace in traces]
    out.write_text("\n".join(parts), encoding="utf-8")
