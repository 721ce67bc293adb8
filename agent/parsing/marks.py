"""Marks of chat templates in a model's text: special tokens, thoughts, channels, solutions.

A mark inside a string, a comment or back-ticks is data, and a mark that prose only mentions is
prose: both stay. The marks are those of published chat templates and model cards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_THOUGHT_NAMES = "think|thinking|thoughts?|reasoning|reasoning_content|reflection|scratchpad"
_OPEN_THOUGHT = re.compile(
    rf"<(?:\w+:)?(?:{_THOUGHT_NAMES})>|\[(?:{_THOUGHT_NAMES})\]|<\|(?:{_THOUGHT_NAMES})\|>"
    r"|<\|begin_of_thought\|>|<\|start_thinking\|>|◁think▷",
    re.IGNORECASE,
)
_CLOSE_THOUGHT = re.compile(
    rf"</(?:\w+:)?(?:{_THOUGHT_NAMES})>|\[/(?:{_THOUGHT_NAMES})\]|<\|/(?:{_THOUGHT_NAMES})\|>"
    r"|<\|end_of_thought\|>|<\|end_thinking\|>|◁/think▷",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"^[ \t]*(?:<\|begin_of_solution\|>|<\|start_response\|>"
    r"|<(?P<tag>answer|solution|final|final_answer|response|output)>"
    r"|\[(?P<word>answer|solution|final)\])"
    r"(?P<inside>.*?)"
    r"(?:<\|end_of_solution\|>|<\|end_response\|>|</(?P=tag)>|\[/(?P=word)\]|\Z)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_BOX = re.compile(r"\\boxed\s*\{")
_CHANNEL = re.compile(r"<\|channel\|>(?P<name>[^<]*)(?:<\|constrain\|>[^<]*)?<\|message\|>")
_CHANNEL_END = re.compile(r"<\|(?:end|return|start|channel|call)\|>")
_TOKEN = re.compile(
    r"<\|[\w/ .:-]{1,40}\|>|<｜[^｜\n]{1,40}｜>|</?s>|\[/?INST\]"
    r"|<(?:eos|bos|EOT|EOS|BOS|end_of_turn|start_of_turn|file_sep"
    r"|fim_(?:prefix|middle|suffix|pad))>"
)
_CODE = re.compile(r"```|^\s*(?:async )?def |^\s+return\b", re.MULTILINE)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`")
_TRIPLE = re.compile(r"'''|\"\"\"")
_UNUSUAL = re.compile("[^\x00-\x7f]")


def without_thinking(text: str) -> str:
    """Return the text without a thinking model's thoughts.

    If only the end of a thought is marked, the text after it is kept. If only its start is marked,
    the text after it is dropped, because the model never reached the answer. Of a text in channels,
    only the final one is kept.
    """
    text = _final_channel(text)
    kept = ""
    while (start := _first(_OPEN_THOUGHT, text)) is not None:
        end = _first(_CLOSE_THOUGHT, text, start.end())
        if end is None:
            if not _starts_line(text, start.start()):
                break
            return kept + text[: start.start()]
        kept += text[: start.start()]
        text = text[end.end() :]
    text = kept + text
    ends = (mark for mark in _unquoted(_CLOSE_THOUGHT, text) if _ends_thought(text, mark))
    last = max((mark.end() for mark in ends), default=0)
    return text[last:]


def solutions(text: str) -> tuple[str, ...]:
    """Return the parts of a text that are marked as the solution, the last one first.

    A box that holds code is such a part, and is taken before the others.
    """
    found = [*(match["inside"] for match in _SOLUTION.finditer(text)), *_boxes(text)]
    return tuple(part for part in reversed(found) if part.strip())


def _boxes(text: str) -> Iterator[str]:
    """Yield the content of each LaTeX box with code; a box that does not end holds all the rest."""
    for box in _BOX.finditer(text):
        rest, depth = text[box.end() :], 1
        for brace in re.finditer(r"[{}]", rest):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                rest = rest[: brace.start()]
                break
        if _CODE.search(rest):
            yield rest


def turns(text: str) -> tuple[str, ...]:
    """Return the parts of a text between special tokens; blank parts are left out."""
    parts, begin = [], 0
    for token in _unquoted(_TOKEN, text):
        parts.append(text[begin : token.start()])
        begin = token.end()
    return tuple(part for part in (*parts, text[begin:]) if part.strip())


def with_plain_spaces(text: str) -> str:
    """Return the text with plain spaces for unusual ones, without invisible characters.

    Those inside strings stay: they are data.
    """
    if text.isascii():
        return text
    kept, begin = [], 0
    for match in _UNUSUAL.finditer(text):
        category = unicodedata.category(match[0])
        if category in {"Zs", "Cf"} and not _is_quoted(text, match.start(), match.end()):
            kept += [text[begin : match.start()], " " if category == "Zs" else ""]
            begin = match.end()
    return "".join((*kept, text[begin:]))


def _final_channel(text: str) -> str:
    """Return the text of the last final channel; '' if there are only other channels."""
    channels = list(_unquoted(_CHANNEL, text))
    if not channels:
        whole = text.startswith("analysis") and "assistantfinal" in text  # tokens left out
        return text.rpartition("assistantfinal")[2] if whole else text
    final = [match for match in channels if match["name"].strip() == "final"]
    if not final:
        return ""
    end = _first(_CHANNEL_END, text, final[-1].end())
    return text[final[-1].end() : end.start() if end else None]


def _first(pattern: re.Pattern[str], text: str, begin: int = 0) -> re.Match[str] | None:
    return next(_unquoted(pattern, text, begin), None)


def _unquoted(pattern: re.Pattern[str], text: str, begin: int = 0) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text, begin):
        if not _is_quoted(text, match.start(), match.end()):
            yield match


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Whether a part of a text is inside a string or comment of Python, or inside back-ticks."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end:].partition("\n")[0]
    opened = _QUOTED.sub("", before)
    if "#" in opened or any(quote in opened and quote in after for quote in "'\"`"):
        return True
    return _is_in_triple_quotes(text, start)


def _is_in_triple_quotes(text: str, position: int) -> bool:
    opened = None
    for match in _TRIPLE.finditer(text):
        if match.start() >= position:
            if opened is None or match[0] == opened:
                return opened is not None
        elif opened is None:
            opened = match[0]
        elif match[0] == opened:
            opened = None
    return False


def _starts_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def _ends_thought(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark without a start is one: it stands at a line's edge, or code follows it."""
    rest = text[mark.end() :]
    ends_line = rest.partition("\n")[0].lstrip()[:1] in {"", "`", "<"}
    return ends_line or _starts_line(text, mark.start()) or _CODE.search(rest) is not None
