"""Blocks of code in a model's text: fences of Markdown, and other wrappers."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from agent.parsing.source import parse

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PYTHON = re.compile(r"(?:python|py)?[\d.]*", re.IGNORECASE)
_STARTS_CODE = re.compile(r"(?:async def|def|class|import|from|return|lambda)\b|@\w")
_GLUED_END = re.compile(r"(?<=[^\s`])```[ \t]*$", re.MULTILINE)
_WRAPPERS = (
    re.compile(r"```(?:python|py)?\d?[ \t]+(?P<code>[^`\n]+)```", re.IGNORECASE),
    re.compile(
        r"(?:<pre\b[^>]*>\s*(?=<code))?<(?P<tag>pre|code|python|code_block)\b[^>]*>"
        r"(?P<code>.*?)(?:</(?P=tag)>|\Z)",
        re.DOTALL | re.IGNORECASE,
    ),
    re.compile(r"\[(?P<tag>PYTHON|CODE)\](?P<code>.*?)(?:\[/(?P=tag)\]|\Z)", re.DOTALL),
    re.compile(
        r"^(?P<quote>'''|\"\"\")(?:(?:python|py)\d?[ \t]*\n|\n(?=def |class |import |from |@))"
        r"(?P<code>.*?)(?:(?P=quote)|\Z)",
        re.DOTALL | re.MULTILINE | re.IGNORECASE,
    ),
    re.compile(r"(?<!`)`(?P<code>[^`]+)`(?!`)"),
)
"""Wrappers that are not fences on lines of their own. The content is in the group `code`."""
_PREFIXED = re.compile(
    r"(?:^(?:>>>|\.\.\.)(?: .*)?(?:\n|\Z))+|(?:^>(?!>).*(?:\n|\Z))+", re.MULTILINE
)
"""Lines of the interpreter, with its prompts, and lines of a quotation."""
_PREFIX = re.compile(r"^(?:>>>|\.\.\.|>) ?", re.MULTILINE)


def fenced_blocks(text: str) -> tuple[str, ...]:
    """Return the contents, in order, of the fenced blocks that are tagged as Python or not tagged.

    An unclosed fence extends to the end of the text. Indented code without a fence is not a block.
    Code on the line of a fence belongs to the block.
    """
    blocks = []
    for token in _markdown().parse(text):
        if token.type != "fence":
            continue
        language, rest = _language(token.info)
        if _PYTHON.fullmatch(language):
            ended = _GLUED_END.search(token.content)
            content = token.content[: ended.start()] + "\n" if ended else token.content
            blocks.append(f"{rest}\n{content}" if rest else content)
    return tuple(blocks)


def wrapped_blocks(text: str) -> tuple[str, ...]:
    """Return the code in wrappers that are not fences: tags, back-ticks, quotes, prompts."""
    found = {match.start(): match["code"] for form in _WRAPPERS for match in form.finditer(text)}
    found |= {match.start(): _PREFIX.sub("", match[0]) for match in _PREFIXED.finditer(text)}
    blocks = (_unescaped(found[start]) for start in sorted(found))
    return tuple(block for block in blocks if "\n" in block or _STARTS_CODE.match(block.lstrip()))


def _language(info: str) -> tuple[str, str]:
    """Return the language that a fence names, and the code that follows it on its line."""
    info = info.strip()
    if _STARTS_CODE.match(info):
        return "", info
    first, _, rest = info.partition(" ")
    return first.strip("{}."), rest if _STARTS_CODE.match(rest) else ""


def _unescaped(code: str) -> str:
    """Return the code with its entities of HTML resolved, where it is Python only then."""
    if "&" in code and parse(code) is None and parse(plain := html.unescape(code)) is not None:
        return plain
    return code


@cache
def _markdown() -> MarkdownIt:
    """Return a parser of fences only: it ignores lists and quotes, and reads no inline markup."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero").enable("fence")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser
