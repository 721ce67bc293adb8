"""The picture of a trace in the README: part of the output of `agent.show RUN TASK`, as SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

from agent.errors import RunFolderError
from agent.report.trace_view import print_course
from agent.report.widgets import View
from agent.runner.folder import RunFolder
from agent.support.data import ROOT
from agent.support.files import write_atomically
from agent.types import Trace

PICTURE = ROOT / "docs" / "images" / "trace.svg"
COLUMNS = 96


def write_picture(run: Path) -> None:
    """Write the picture of one of a run's traces. Raises RunFolderError if none can be shown."""
    svg = picture(RunFolder.open(run).traces())
    PICTURE.parent.mkdir(exist_ok=True)
    write_atomically(PICTURE, svg)


def picture(traces: Sequence[Trace]) -> str:
    """Return the shortest trace of a problem that a repair solved, from its tests on, as SVG.

    It asks the network for nothing: the reader's own fixed-width font shows it. Raises
    RunFolderError if no repair solved a problem.
    """
    shown = [_recorded(trace) for trace in traces if _is_repaired(trace)]
    if not shown:
        raise RunFolderError("no repair solved a problem of this run: it has no trace to show")
    console = min(shown, key=lambda one: len(one.export_text(clear=False)))
    svg = console.export_svg(title="python -m agent.show", theme=DIMMED_MONOKAI, unique_id="trace")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def _is_repaired(trace: Trace) -> bool:
    passed = trace.score.passed if trace.score else ()
    return bool(passed) and not passed[0] and passed[trace.chosen.id] and trace.chosen.round > 0


def _recorded(trace: Trace) -> Console:
    console = Console(
        file=StringIO(), width=COLUMNS, record=True, force_terminal=True, color_system="truecolor"
    )
    console.print(trace.problem.task_id, style="bold")
    print_course(trace, View(console))
    return console
