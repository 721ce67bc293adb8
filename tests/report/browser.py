"""A headless Chromium for tests of pages: what it shows, asks for and complains about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright

from experiments.screenshots import OPTIONS


@dataclass
class Visit:
    """A page in a browser, with the addresses that it asked for and its complaints."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file, and wait until it is shown."""
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_selector("main h1, main h2")

    def violations(self) -> list[tuple[str, str]]:
        """Return the serious violations that axe finds, all details open; skip without axe."""
        axe = Path(os.environ.get("AXE", ""))
        if not axe.is_file():
            pytest.skip("$AXE names no axe.js")
        opened = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
        self.page.evaluate(opened)
        # A content security policy keeps scripts out of the page, but not of this evaluation.
        found = self.page.evaluate(
            f"async () => {{ {axe.read_text()}; return (await axe.run()).violations }}"
        )
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        return [(one["id"], one["nodes"][0]["html"]) for one in serious]


@contextmanager
def visiting(width: int = 1400, colours: Literal["light", "dark"] = "light") -> Iterator[Visit]:
    """Yield a browser without a page, or skip the test if there is no Chromium."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*OPTIONS])
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=colours)  # type: ignore[arg-type]  # a mapping is a ViewportSize
        visit = Visit(page)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("console", lambda message: visit.complaints.append(message.text))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        yield visit
        browser.close()
