"""The page of a run while it goes on: a read-only server on this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import uvicorn
from playwright.sync_api import expect

from agent.commands.watch import main
from agent.extras.web.live_page import app
from agent.runner.folder import RunFolder
from tests.experiments.test_compare import folder
from tests.report.browser import visiting
from tests.report.test_run_page import repaired

FIRST = f"report_problems/{sha256(b'Own/1').hexdigest()[:16]}.js"
"""The file of a problem of a live page is named after its task, so that it stays the same one."""


@contextmanager
def serving(run: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app(run), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join()


def get(address: str, host: str | None = None) -> tuple[int, str]:
    headers = {"Host": host} if host else {}
    try:
        with urlopen(Request(address, headers=headers)) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, ""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return folder(tmp_path / "run", [repaired("Own/1")], missing=["Own/2"])


def test_only_files_of_the_page_are_served(run: Path) -> None:
    with serving(run) as address:
        assert get(address)[0] == 200
        assert get(f"{address}{FIRST}")[1].startswith("loaded(")
        for name in ("manifest.json", "traces/Own_1.json", "../run/manifest.json", "%2e%2e/x"):
            assert get(address + name)[0] == 404
        assert get(address, "evil.example")[0] == 400
        with pytest.raises(HTTPError, match="405"):
            urlopen(Request(f"{address}data", data=b"x"))


def test_no_other_site_may_run_the_scripts(run: Path) -> None:
    with serving(run) as address:
        for name in ("", "stamp", FIRST):
            with urlopen(address + name) as answer:
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_port_that_is_taken_is_told_in_one_line(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([str(run), "--port", str(port)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "in use" in line


@pytest.mark.browser
def test_the_page_follows_the_run(run: Path) -> None:
    with serving(run) as address, visiting() as visit:
        page = visit.page
        page.goto(address)
        rows = page.locator("table.problems tbody tr")
        expect(rows).to_have_count(1)
        expect(page.locator("p.warning").first).to_have_text(
            "The run is not finished: 1 of its 2 problems are here."
        )
        page.get_by_text("All figures").click()
        page.locator("#search").press_sequentially("own/")
        RunFolder.open(run).write_trace(repaired("Own/2"))
        expect(rows).to_have_count(2, timeout=20_000)
        expect(page.locator("details").first).to_have_attribute("open", "")
        page.keyboard.press("2")
        expect(page.locator("#search")).to_have_value("own/2")
        page.locator("table.problems tbody a").last.click()
        expect(page.locator("h2").first).to_have_text("Own/2")
        expect(page.locator("pre.prompt")).to_contain_text("grow more")
        assert visit.complaints == []
        assert all(request.startswith(address) for request in visit.requests)


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "70000"], ["--port", "x"], []])
def test_bad_use_is_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
