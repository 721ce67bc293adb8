"""The page of a comparison, written to a file."""

from __future__ import annotations

from pathlib import Path

from agent.errors import UnwritableError
from agent.report.figures import count, difference_text, mcnemar_text
from agent.report.web.compare_page import compare_page
from agent.runner.folder import RunFolder
from agent.support.files import write_atomically
from experiments.studies.comparison import Comparison, paired_traces, side_rows


def write_comparison(first: RunFolder, second: RunFolder, found: Comparison, out: Path) -> None:
    """Write the page of two runs side by side. Raises UnwritableError."""
    change = found.difference
    text = compare_page(
        (first.path.resolve().name, second.path.resolve().name),
        paired_traces(first, second),
        found.verdict,
        f"{difference_text(change, found.problems)}; exact McNemar"
        f" {mcnemar_text(change, found.problems)}. {count(change.gained, 'problem')} gained,"
        f" {change.lost} lost, of {found.problems:,} scored by both; {found.left_out:,} left out.",
        [*side_rows(found.first, found.second)],
        found.notes,
    )
    try:
        write_atomically(out, text)
    except OSError as error:
        raise UnwritableError(f"{out}: cannot be written: {error.strerror}") from None
