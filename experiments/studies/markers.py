"""Generated tables between markers in the README and in the pages of docs/."""

from __future__ import annotations

from pathlib import Path

from agent.errors import ConfigError
from agent.support.data import ROOT
from agent.support.files import write_atomically

Markers = tuple[str, str]
"""The comments that begin and end a generated table."""


def write_block(block: str, markers: Markers) -> None:
    """Write a table between its markers, on every page that has them.

    Raises ConfigError if no page has them.
    """
    for path in pages_with(markers):
        write_atomically(path, replace_block(path.read_text(encoding="utf-8"), block, markers))


def pages_with(markers: Markers) -> list[Path]:
    """Return the pages that have the markers. Raises ConfigError if no page does."""
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    found = [p for p in pages if p.is_file() and markers[0] in p.read_text(encoding="utf-8")]
    if not found:
        raise ConfigError(f"{markers[0]}: neither README.md nor a page of docs/ contains it")
    return found


def replace_block(text: str, block: str, markers: Markers) -> str:
    """Return the text with `block` between its markers. Raises ConfigError if they are missing."""
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ConfigError(f"no {markers[0]} ... {markers[1]} in the text")
    return f"{before}{begin}\n{block}\n{end}{after}"
