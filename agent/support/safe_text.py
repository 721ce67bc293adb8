"""Text that others wrote, made safe to show."""

from __future__ import annotations

import re
import unicodedata

# Controls (ANSI escapes begin with one), formats (they reorder or hide text), lone surrogates
# (no encoding writes them), and line breaks that only some programs see.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def is_text(value: object) -> bool:
    """Whether a value is a str that can be written: one without half a surrogate pair."""
    return isinstance(value, str) and value == value.encode("utf-8", "replace").decode()


def visible(text: str) -> str:
    r"""The text with every control character but newline and tab written out, as `\x1b`."""
    return re.sub(r"[^\n\t -~]", _write_out, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 160) -> str:
    """The text as one visible line, cut at `limit` characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _write_out(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
