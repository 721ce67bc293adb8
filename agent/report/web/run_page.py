"""`report.html`: one file with the run, its problems, styles and scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from agent.report.markdown import flatten
from agent.report.summary import Report
from agent.report.web import PAGE
from agent.report.web.problem_data import problem_data
from agent.report.web.run_data import Price, run_data
from agent.support.safe_text import visible
from agent.types import Trace

STATIC = Path(__file__).resolve().parent / "static"
SCRIPTS = (
    "dom",
    "data",
    "filtering",
    "charts",
    "matrix",
    "changes",
    "problem",
    "run",
    "compare",
    "main",
)
"""The scripts in the order in which they are joined: each uses only those before it."""
LARGE = 2_000
"""Problems above which their details are in files of a folder beside the page."""
FOLDER = "report_problems"
"""Name of that folder."""
CHUNK = 8
"""Problems whose details are compressed together."""


def run_page(
    name: str,
    traces: Sequence[Trace],
    report: Report,
    manifest: Mapping[str, object],
    missing: Sequence[str] = (),
    price: Price | None = None,
    *,
    live: bool = False,
) -> dict[str, str]:
    """Return the files of a run's page, by their names relative to the run folder.

    It is `report.html` alone, or with a folder of scripts for a run of very many problems. A live
    page has the folder, too, and the file `data`, which it asks its server for again.
    """
    known = {**run_data(name, traces, report, missing, price)}
    facts = [(visible(key), visible(value)) for key, value in flatten(manifest)]
    known["provenance"] = facts
    known["chunk"] = size = 1 if live else CHUNK
    chunks = _chunks(traces, size)
    if len(traces) <= LARGE and not live:
        return {PAGE: rendered(name, packed(known), [*chunks.values()])}
    known |= {"folder": FOLDER, "live": live, "files": [*chunks]}
    files = {f"{FOLDER}/{at}.js": f'loaded("{at}", "{text}");\n' for at, text in chunks.items()}
    data = packed(known)
    return {PAGE: rendered(name, data, []), **files, **({"data": data} if live else {})}


def _chunks(traces: Sequence[Trace], size: int) -> dict[str, str]:
    """Return packed problems by the names of their files, `size` problems in each.

    The file of a single problem is named after it: others may come before it in a live page.
    """
    found = {}
    for start in range(0, len(traces), size):
        part = traces[start : start + size]
        task = part[0].problem.task_id.encode("utf-8", "replace")
        name = hashlib.sha256(task).hexdigest()[:16] if size == 1 else str(start // size)
        found[name] = packed([problem_data(trace) for trace in part])
    return found


def packed(value: object) -> str:
    """Return a value as JSON, compressed with zlib, in base64: it holds no character of HTML."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode("ascii")


def rendered(name: str, data: str, chunks: Sequence[str], second: Sequence[str] = ()) -> str:
    """Return a page with packed data, and packed problems: for two runs those of both."""
    return html_template(STATIC.parent / "templates" / "run.html.j2").render(
        name=visible(name),
        style=style(),
        script=_safe(script()),
        hash=_hash(script()),
        run=data,
        chunks=chunks,
        second=second,
    )


@cache
def style() -> Markup:
    """Return the style sheet of all pages."""
    return _safe(_read("page.css"))


@cache
def script() -> str:
    """Return all scripts as one, in a scope of their own."""
    parts = "\n".join(_read(f"{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _hash(text: str) -> str:
    """Return the hash by which a content security policy knows a script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _read(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


_safe: Callable[[str], Markup] = Markup  # our own files


@cache
def html_template(path: Path) -> Template:
    """Return the template of a page. All values are escaped; a missing one is an error."""
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(path.name)
