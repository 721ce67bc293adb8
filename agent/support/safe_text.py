"""Text of models, servers and files, made safe for display."""

from __future__ import annotations

import re
import unicodedata

# Control characters (ANSI escapes begin with one), format characters (they reorder or hide text),
# lone surrogates (UTF-8 cannot encode them), and line breaks that only some programs recognise.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def is_text(value: object) -> bool:
    """Whether a value is a str that UTF-8 can encode: one without lone surrogates."""
    return isinstance(value, str) and value == value.encode("utf-8", "replace").decode()


def visible(text: str) -> str:
    r"""Return the text with control characters other than newline and tab escaped, as `\x1b`."""
    return re.sub(r"[^\n\t -~]", _escape, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 160) -> str:
    """Return the text as one visible line, cut at `limit` characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
