"""`python -m experiments.screenshots RUN BEFORE`: pictures of pages for the documentation.

They show the run, the first problem that a repair solved, the first that a patch solved, and the
run beside another one, at the first problem that only the run solves. Needs Chromium and the
package playwright, which `make setup` installs.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.errors import RunFolderError
from agent.support.command import command, need_extra
from agent.support.data import ROOT
from agent.support.options import CommandParser
from agent.types import Candidate, Trace

NAME = "experiments.screenshots"
IMAGES = ROOT / "docs" / "images"
SIZE = (1200, 900)
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""Options of a Chromium that runs as root and asks nothing of the network by itself."""


@command(NAME)
def main(argv: list[str]) -> int:
    """Make the pictures."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("run", type=Path, help="run folder with report.html")
    parser.add_argument("before", type=Path, help="run folder to compare it with")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder for the pictures")
    arguments = parser.parse_args(argv)
    need_extra("playwright", "dev")

    from agent.runner.folder import RunFolder
    from experiments.studies.comparison import compare
    from experiments.studies.comparison_page import write_comparison

    chromium = shutil.which("chromium")
    if chromium is None:
        raise RunFolderError("no chromium on this machine; install Debian's package chromium")
    traces = RunFolder.open(arguments.run).traces()
    repaired = solved_by(traces, lambda one: one.round > 0 and one.patch is None)
    patched = solved_by(traces, lambda one: one.patch is not None)
    page = (arguments.run / "report.html").resolve().as_uri()
    pictures = {
        "run-page": page,
        "repaired-problem": f"{page}#{repaired}",
        "patched-problem": f"{page}#{patched}",
    }
    with TemporaryDirectory() as folder:
        both = Path(folder) / "both.html"
        first, second = RunFolder.open(arguments.before), RunFolder.open(arguments.run)
        found = compare(first, second)
        write_comparison(first, second, found, both)
        gained = f"#{found.gained[0].task_id}" if found.gained else ""
        pictures["comparison"] = f"{both.as_uri()}{gained}"
        shoot(pictures, arguments.out, chromium)
    return 0


def solved_by(traces: Sequence[Trace], fits: Callable[[Candidate], bool]) -> str:
    """Return the first problem whose right answer is a candidate that fits.

    Raises RunFolderError if there is none.
    """
    for trace in traces:
        if trace.score and trace.score.passed[trace.chosen.id] and fits(trace.chosen):
            return trace.problem.task_id
    raise RunFolderError("the run has no problem of that kind to show")


def shoot(pictures: dict[str, str], out: Path, chromium: str) -> None:
    """Write a PNG for each address."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*OPTIONS])
        for name, address in pictures.items():
            page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
            page.goto(address)
            page.wait_for_selector("main h1, main h2")
            page.screenshot(path=out / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
