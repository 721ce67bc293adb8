"""Servers that leave, come back, or are replaced during a run, and the lines about them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from agent.models.served import server_pool
from agent.models.store import Request, Store
from agent.run import main
from agent.runner import monitor, progress
from agent.runner.folder import RunFolder
from agent.types import Message, Sampling
from tests.faults.plans import at, coming_back, leave, too_long_prompt
from tests.faults.problems import is_draft, is_repair
from tests.faults.server import Exchange, FaultyServer
from tests.faults.site import Site, stored

Said = pytest.CaptureFixture[str]
OTHER = "the sea is wide"


@pytest.fixture
def second(faulty: FaultyServer) -> Iterator[FaultyServer]:
    """Start another server of the same model."""
    server = FaultyServer()
    server.start()
    yield server
    server.close()


def lines_about(capsys: Said, words: str) -> list[str]:
    """Return the lines on stderr that contain `words`."""
    return [line for line in capsys.readouterr().err.splitlines() if words in line]


def servers_of(site: Site) -> list[str]:
    """Return the addresses in the run's manifest."""
    manifest = json.loads((site.run / "manifest.json").read_text())
    return [server["url"] for server in manifest["server"]["servers"]]


# Other weights of the same name


def test_other_weights_of_a_name_are_asked_anew_by_the_next_run(site: Site, capsys: Said) -> None:
    assert site.begin("--limit", "2") == 0
    asked = len(site.server.requests)
    site.server.weights = OTHER
    other = Site(site.server, site.dataset, site.folder / "other", site.store)
    assert other.begin("--limit", "2") == 0
    assert len(site.server.requests) == 2 * asked
    (line,) = lines_about(capsys, "store: ")
    assert "are those of another model" in line
    assert "the answer to the probe differs" in line
    # Each model's answers are found again, without a line.
    for weights in (OTHER, "a river runs"):
        site.server.weights = weights
        again = Site(site.server, site.dataset, site.folder / weights, site.store)
        assert again.begin("--limit", "2") == 0
    assert len(site.server.requests) == 2 * asked
    assert not lines_about(capsys, "store: ")


def test_a_label_stands_for_the_weights(site: Site) -> None:
    label = ("--model.label", "mine")
    assert site.begin(*label) == 0
    asked = len(site.server.requests)
    site.server.weights = OTHER
    again = Site(site.server, site.dataset, site.folder / "again", site.store)
    assert again.begin(*label) == 0
    assert (len(site.server.requests), site.server.probes) == (asked, 0)
    manifest = RunFolder.open(again.run).manifest()
    assert manifest["model"] == "served/small-coder#mine"
    assert again.resume() == 0


def test_a_resumed_run_refuses_other_weights_and_takes_the_users_word(
    site: Site, undisturbed: Site, second: FaultyServer, capsys: Said
) -> None:
    site.server.plan = [(at(6), leave)]
    assert site.begin("--model.patience", "0.3") == 3
    second.weights = OTHER
    capsys.readouterr()
    elsewhere = ("--model.base-url", second.url)
    assert site.resume(*elsewhere) == 2
    (line,) = lines_about(capsys, "agent.run: ")
    assert "the answer to the probe differs" in line
    label = line.partition("--model.label ")[2].partition(",")[0]
    assert second.requests == []
    assert servers_of(site) == [site.server.url]
    assert site.resume(*elsewhere, "--model.label", label) == 0
    assert servers_of(site) == [site.server.url, second.url]
    assert site.results() == undisturbed.results()


def test_the_manifest_names_the_servers_of_all_starts(
    site: Site, undisturbed: Site, second: FaultyServer
) -> None:
    site.server.plan = [(at(6), leave)]
    assert site.begin("--model.patience", "0.3") == 3
    assert site.resume("--model.base-url", second.url) == 0
    assert servers_of(site) == [site.server.url, second.url]
    server = RunFolder.open(site.run).manifest()["server"]
    assert isinstance(server, dict)
    assert server["probe"]["requests"] == 2
    assert site.results() == undisturbed.results()
    assert site.resume("--model.base-url", second.url) == 0
    assert servers_of(site) == [site.server.url, second.url]


def test_servers_of_one_list_that_differ_are_refused(
    site: Site, second: FaultyServer, capsys: Said
) -> None:
    second.weights = OTHER
    assert site.begin("--model.base-url", f"{site.server.url},{second.url}") == 2
    (line,) = lines_about(capsys, "agent.run: ")
    assert site.server.url in line
    assert second.url in line
    assert not site.run.exists()


def former_run(site: Site) -> None:
    """Make a run, and turn it into one of a version that knew models by their name only."""
    site.server.plan = [(at(6), leave)]
    assert site.begin("--model.patience", "0.3") == 3
    site.server.stop()
    site.server.start()
    site.server.plan = []
    manifest = RunFolder.open(site.run).manifest()
    facts = manifest["server"]
    assert isinstance(facts, dict)
    kept = {key: facts[key] for key in ("context", "servers")}
    former = manifest | {"model": "served/small-coder", "server": kept}
    (site.run / "manifest.json").write_text(json.dumps(former))
    for path in (site.run / "store.sqlite", site.store):
        forget_identities(path)


def forget_identities(path: Path) -> None:
    """Write the store's answers under the plain name, as former versions did."""
    store = Store(path)
    rows = store._database.execute(
        "SELECT key, messages, sampling, sample, completion FROM requests JOIN answers USING (key)"
    ).fetchall()
    for table in ("models", "requests", "answers"):
        store._database.execute(f"DELETE FROM {table}")
    for _, messages, sampling, sample, completion in rows:
        chat = [Message.model_validate(one) for one in json.loads(messages)]
        asked = Request("served/small-coder", chat, Sampling.model_validate_json(sampling))
        store._database.execute(
            "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?)",
            (asked.key, asked.model, asked.messages, asked.sampling),
        )
        store._database.execute(
            "INSERT INTO answers VALUES (?, ?, ?)", (asked.key, sample, completion)
        )
    store.close()


def test_a_run_of_a_former_version_goes_on_and_a_line_says_so(
    site: Site, undisturbed: Site, capsys: Said
) -> None:
    former_run(site)
    kept = stored(site.store)
    site.server.answered.clear()
    capsys.readouterr()
    assert site.resume() == 0
    said = capsys.readouterr().err
    assert "is of a former version, which knew a model by its name only" in said
    assert "answers of small-coder from a former version" in said
    assert not kept & site.server.answered.keys()
    assert site.results({"spent", "asked"}) == undisturbed.results({"spent", "asked"})
    # From here on, the run has an identity.
    site.server.weights = OTHER
    assert site.resume() == 2


# One of several servers


def test_one_of_several_servers_is_named_when_it_leaves_and_when_it_is_back(
    site: Site,
    undisturbed: Site,
    second: FaultyServer,
    capsys: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_pool, "_RETURN_SECONDS", 0.2)
    second.plan = [(at(3), leave)]
    for server in (site.server, second):
        server.delay = 0.3  # the run must outlast the absence
    with coming_back(second, 0.5):
        urls = ("--model.base-url", f"{site.server.url},{second.url}")
        assert site.begin(*urls, "--problems", "1") == 0
    assert site.results() == undisturbed.results()
    gone, back = lines_about(capsys, f"model: {second.url}")
    assert gone.endswith("; the run uses the other servers")
    assert back == f"model: {second.url} answers again"


# Ctrl-C


def interrupting(times: int) -> Any:
    """Return a fault that presses Ctrl-C while it answers, and answers after a while."""

    async def fault(exchange: Exchange) -> None:
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.3)
        if times == 1:
            await exchange.answer()
        else:
            await exchange.hang()

    return fault


TWO_REQUESTS = ("--problems", "2", "--tests.n", "0", "--draft.first", "sampled")
"""Options of a run whose first two requests ask for three answers each."""


def test_ctrl_c_waits_for_the_answers_in_flight(site: Site, capsys: Said) -> None:
    site.server.plan = [(at(2), interrupting(1))]
    assert site.begin(*TWO_REQUESTS) == 130
    lines = capsys.readouterr().err.splitlines()
    (waiting,) = [line for line in lines if line.startswith("waiting for ")]
    assert waiting == "waiting for 3 answers in flight; Ctrl-C drops them"
    assert lines[-1] == f"stopped; resume with: python -m agent.run --resume {site.run}"
    site.server.plan = []
    assert site.resume() == 0
    assert not site.server.given_twice()


def test_a_second_ctrl_c_drops_the_answers_and_says_how_many(site: Site, capsys: Said) -> None:
    site.server.plan = [(at(2), interrupting(2))]
    assert site.begin(*TWO_REQUESTS) == 130
    lines = capsys.readouterr().err.splitlines()
    assert "dropped 3 answers in flight; a resumed run asks for them again" in lines
    assert "Traceback" not in "".join(lines)
    site.server.plan = []
    assert site.resume() == 0


# A server that is gone


def test_a_resumed_run_waits_for_its_server(site: Site, undisturbed: Site, capsys: Said) -> None:
    site.server.plan = [(at(6), leave)]
    assert site.begin("--model.patience", "0.3") == 3
    site.server.stop()
    site.server.plan = []
    capsys.readouterr()
    assert site.resume("--model.patience", "0.6") == 3
    (line,) = lines_about(capsys, "agent.run: ")
    assert line.endswith("waited 0.6 s for the server")
    later = Thread(target=start_later, args=(site.server,))
    later.start()
    assert site.resume("--model.patience", "30") == 0
    later.join()
    said = capsys.readouterr().err
    assert "waiting up to 30 s for the server" in said
    assert f"model: {site.server.url} answers again" in said
    assert site.results() == undisturbed.results()


def start_later(server: FaultyServer) -> None:
    """Start a server after a second."""
    time.sleep(1)
    server.start()


def test_a_server_that_is_back_and_still_loads_its_model_is_checked_again(
    site: Site, undisturbed: Site
) -> None:
    async def leave_and_load(exchange: Exchange) -> None:
        site.server.loading = 2
        await leave(exchange)

    site.server.plan = [(at(6), leave_and_load)]
    with coming_back(site.server, 0.3):
        assert site.begin() == 0
    assert site.server.probes == 4
    assert site.results() == undisturbed.results()


def test_a_server_that_is_back_with_other_weights_ends_the_run(
    site: Site, undisturbed: Site, capsys: Said
) -> None:
    async def leave_and_change(exchange: Exchange) -> None:
        site.server.weights = OTHER
        await leave(exchange)

    site.server.plan = [(at(6), leave_and_change)]
    with coming_back(site.server, 0.3):
        assert site.begin() == 2
    (line,) = lines_about(capsys, "agent.run: ")
    assert "is back with another model as small-coder" in line
    site.server.weights = "a river runs"
    site.server.plan = []
    assert site.resume() == 0
    assert site.results() == undisturbed.results()


def test_a_new_run_does_not_wait_for_a_server_that_was_never_there(
    site: Site, capsys: Said
) -> None:
    nowhere = "http://127.0.0.1:9/v1"
    assert site.begin("--model.base-url", nowhere) == 2
    (line,) = lines_about(capsys, "agent.run: ")
    assert "ssl" not in line


def test_the_wait_is_shown_once_and_not_at_every_tick(
    site: Site, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "SECONDS", 0.02)
    monkeypatch.setattr(progress, "PIPE_SECONDS", 0.05)
    site.server.plan = [(at(4), leave)]
    assert site.begin("--model.patience", "1.5") == 3
    lines = capsys.readouterr().err.splitlines()
    assert sum("waiting up to 1.5 s for the server" in line for line in lines) == 1
    first = next(i for i, line in enumerate(lines) if "waiting up to" in line)
    ticks = [line for line in lines[first:] if "requests in flight" in line]
    uses = [line.split("; ")[1] for line in ticks]
    assert uses
    assert all(one != next_ for one, next_ in pairwise(uses)), "a line on the wait is repeated"
    assert all("waiting for a server until " in line for line in ticks)
    assert not any("tokens/s" in line for line in ticks)


# A prompt that is too long


def test_a_prompt_that_was_refused_is_not_sent_again_by_the_next_run(site: Site) -> None:
    refused: list[Any] = []

    async def refuse(exchange: Exchange) -> None:
        refused.append(exchange.body["messages"])
        await too_long_prompt(exchange)

    site.server.plan = [(lambda exchange: is_repair(exchange.body), refuse)]
    assert site.begin() == 0
    asked, count = len(site.server.requests), len(refused)
    report = RunFolder.open(site.run).report()
    assert report is not None
    assert count > 0
    assert (report.calls + count, report.refused) == (asked, count)
    again = Site(site.server, site.dataset, site.folder / "again", site.store)
    assert again.begin() == 0
    assert len(site.server.requests) == asked
    assert again.results() == site.results()


def test_a_draft_that_was_refused_is_not_sent_again_by_the_next_run(site: Site) -> None:
    site.server.plan = [(lambda exchange: is_draft(exchange.body), too_long_prompt)]
    assert site.begin() == 1
    drafts = sum(map(is_draft, site.server.requests))
    assert main([*site.arguments(), "--out", str(site.folder / "again")]) == 1
    assert sum(map(is_draft, site.server.requests)) == drafts
