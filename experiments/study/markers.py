"""Generated blocks between markers in Markdown files."""

from __future__ import annotations

from agent.errors import ConfigError


def replaced(text: str, block: str, markers: tuple[str, str]) -> str:
    """Return the text with `block` between its markers. Raises ConfigError if they are missing."""
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ConfigError(f"no {markers[0]} ... {markers[1]} in the text")
    return f"{before}{begin}\n{block}\n{end}{after}"
