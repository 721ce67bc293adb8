from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.errors import ModelError, PromptTooLongError, StoreError
from agent.models.scripted import ScriptedModel
from agent.models.store import Request, Store
from agent.models.stored import StoredModel
from agent.support.data import ROOT
from agent.types import Completion, Message, Sampling

CHAT = (Message(role="user", content="Write é \ud800 f."),)
SAMPLING = Sampling(seed=10)


class Counting:
    """A model that answers with the seed of each sample."""

    identity = "counting"

    def __init__(self) -> None:
        self.requests: list[tuple[int, int]] = []

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        self.requests.append((n, sampling.seed))
        return [Completion(text=str(sampling.seed + i)) for i in range(n)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "s.sqlite")
    yield store
    store.close()


def texts(answers: list[Completion]) -> list[str]:
    return [answer.text for answer in answers]


async def test_nothing_is_asked_twice(store: Store) -> None:
    model = Counting()
    stored = StoredModel(model, [store])
    first = await stored.complete(CHAT, 3, SAMPLING)
    assert await stored.complete(CHAT, 3, SAMPLING) == first
    assert model.requests == [(3, 10)]
    assert (stored.asked, stored.reused) == (3, 0)
    later = StoredModel(model, [store])
    await later.complete(CHAT, 2, SAMPLING)
    await later.complete(CHAT, 3, SAMPLING)
    assert (later.asked, later.reused) == (0, 3)


async def test_only_missing_samples_are_asked_for_and_with_their_own_seeds(store: Store) -> None:
    model = Counting()
    stored = StoredModel(model, [store])
    await stored.complete(CHAT, 2, SAMPLING)
    assert texts(await stored.complete(CHAT, 5, SAMPLING)) == ["10", "11", "12", "13", "14"]
    assert model.requests == [(2, 10), (3, 12)]


@pytest.mark.parametrize(
    "other",
    [
        SAMPLING.model_copy(update={"seed": 11}),
        SAMPLING.model_copy(update={"temperature": 0.1}),
        SAMPLING.model_copy(update={"stop": ("x",)}),
    ],
)
async def test_other_sampling_is_another_request(store: Store, other: Sampling) -> None:
    model = Counting()
    stored = StoredModel(model, [store])
    await stored.complete(CHAT, 1, SAMPLING)
    await stored.complete(CHAT, 1, other)
    assert len(model.requests) == 2


async def test_a_shared_answer_is_copied_into_the_run(store: Store, tmp_path: Path) -> None:
    store.put(Request("counting", CHAT, SAMPLING), 0, [Completion(text="before")])
    model, own = Counting(), Store(tmp_path / "run" / "store.sqlite")
    stored = StoredModel(model, [own, store])
    assert texts(await stored.complete(CHAT, 1, SAMPLING)) == ["before"]
    assert own.get(Request("counting", CHAT, SAMPLING).key, 0) == Completion(text="before")
    assert model.requests == []
    own.close()


class Narrow(Counting):
    """A model for which every prompt is too long."""

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        await super().complete(messages, n, sampling)
        raise PromptTooLongError("too long")


async def test_a_prompt_that_is_too_long_is_not_sent_again_to_a_model_of_this_context(
    store: Store, tmp_path: Path
) -> None:
    model = Narrow()
    for context, requests in ((2048, 1), (2048, 1), (4096, 2), (None, 3), (None, 3), (8192, 3)):
        own = Store(tmp_path / "run" / f"{context}.sqlite")
        stored = StoredModel(model, [own, store], context=context)
        with pytest.raises(PromptTooLongError):
            await stored.complete(CHAT, 1, SAMPLING)
        assert len(model.requests) == requests
        own.close()


class Stingy(Counting):
    """A model that gives one answer per request, as some servers do."""

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        return (await super().complete(messages, n, sampling))[:1]


async def test_a_server_that_gives_one_at_a_time_is_asked_for_the_rest(store: Store) -> None:
    model = Stingy()
    answers = await StoredModel(model, [store]).complete(CHAT, 3, SAMPLING)
    assert texts(answers) == ["10", "11", "12"]
    assert model.requests == [(3, 10), (2, 11), (1, 12)]


async def test_no_answer_at_all_is_an_error(store: Store) -> None:
    class Mute(Counting):
        async def complete(
            self, messages: Sequence[Message], n: int, sampling: Sampling
        ) -> list[Completion]:
            return []

    with pytest.raises(ModelError, match="gave no answers; 2 were asked for"):
        await StoredModel(Mute(), [store]).complete(CHAT, 2, SAMPLING)


async def test_too_few_answers_are_an_error_and_no_answer(store: Store) -> None:
    stored = StoredModel(ScriptedModel(["only one"]), [store])
    with pytest.raises(ModelError, match="1 answers left, but 2 were asked for"):
        await stored.complete(CHAT, 2, SAMPLING)


def test_an_answer_survives_a_kill(tmp_path: Path) -> None:
    script = f"""
import os, pathlib
from agent.models.store import Request, Store
from agent.types import Completion, Sampling
store = Store(pathlib.Path({str(tmp_path / "s.sqlite")!r}))
store.put(Request("m", [], Sampling()), 0, [Completion(text="paid for")])
os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    store = Store(tmp_path / "s.sqlite")
    assert store.get(Request("m", [], Sampling()).key, 0) == Completion(text="paid for")
    assert store.models() == ["m"]
    store.close()


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_text("this is no database, though it is long enough to be one" * 20)
    with pytest.raises(StoreError, match=r"s\.sqlite: cannot be opened as a store"):
        Store(path)


def test_processes_that_create_a_store_at_once_all_open_it(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, time\n"
        "from agent.models.store import Store\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "for i in range(20):\n"
        "    Store(pathlib.Path(sys.argv[1]) / f'{i}.sqlite').close()\n"
    )
    together = str(time.time() + 3)
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), together], cwd=ROOT)
        for _ in range(4)
    ]
    assert [process.wait(120) for process in started] == [0] * 4


class Slow(Counting):
    """A model that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        answers = await super().complete(messages, n, sampling)
        await self.may_answer.wait()
        return answers


async def cancelled_in_flight(stored: StoredModel) -> None:
    """Cancel a caller whose request is in flight."""
    caller = asyncio.ensure_future(stored.complete(CHAT, 3, SAMPLING))
    await asyncio.sleep(0.01)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_answers_in_flight_are_waited_for_and_stored(store: Store) -> None:
    model, said = Slow(), list[str]()
    stored = StoredModel(model, [store])
    await cancelled_in_flight(stored)
    draining = asyncio.ensure_future(stored.drain(said.append))
    await asyncio.sleep(0.3)
    assert said == ["waiting for 3 answers in flight; Ctrl-C drops them"]
    model.may_answer.set()
    await draining
    assert len(said) == 1
    assert store.get(Request("counting", CHAT, SAMPLING).key, 2) == Completion(text="12")


async def test_a_cancelled_wait_drops_the_answers_and_says_how_many(store: Store) -> None:
    said: list[str] = []
    stored = StoredModel(Slow(), [store])
    await cancelled_in_flight(stored)
    draining = asyncio.ensure_future(stored.drain(said.append))
    await asyncio.sleep(0.01)
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert said == ["dropped 3 answers in flight; a resumed run asks for them again"]
    await stored.drain(said.append)
    assert len(said) == 1


async def test_without_requests_in_flight_nothing_is_said(store: Store) -> None:
    said: list[str] = []
    stored = StoredModel(Counting(), [store])
    await stored.complete(CHAT, 1, SAMPLING)
    await stored.drain(said.append)
    assert said == []
