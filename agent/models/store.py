"""The store: every answer that was ever paid for, so that nothing is asked twice.

Content-addressed: an answer is found by what was asked (model, messages, sampling) and its index
among the samples of that request. SQLite in write-ahead mode: an answer that `put` returned for
survives a killed process, and several runs may share a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from agent.models.base import Model, ModelError
from agent.types import Completion, Message, Sampling, Usage, usage_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
  key TEXT PRIMARY KEY, model TEXT NOT NULL, messages TEXT NOT NULL, sampling TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
  key TEXT NOT NULL, sample INTEGER NOT NULL, completion TEXT NOT NULL, PRIMARY KEY (key, sample)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
  answers INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL
);
"""


class StoreError(ValueError):
    """The file is no store, or cannot be written."""


class Store:
    """Answers on disk."""

    def __init__(self, path: Path):
        """Open a store, making it where there is none. Raises StoreError if that cannot be."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path}: no store can be opened here: {error}") from None

    def get(self, key: str, sample: int) -> Completion | None:
        """One answer, or None."""
        row = self._database.execute(
            "SELECT completion FROM answers WHERE key = ? AND sample = ?", (key, sample)
        ).fetchone()
        return Completion.model_validate_json(row[0]) if row else None

    def put(self, request: Request, first: int, answers: Sequence[Completion]) -> None:
        """Keep answers as samples first, first + 1, ...; one that is there already stays."""
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(
                "INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?)",
                (request.key, request.model, request.messages, request.sampling),
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO answers VALUES (?, ?, ?)",
                [
                    (request.key, first + i, answer.model_dump_json())
                    for i, answer in enumerate(answers)
                ],
            )

    def spend(self, answers: int, usage: Usage) -> None:
        """Note that a model itself was asked, and what that took."""
        self._database.execute(
            "INSERT INTO asked VALUES (?, ?, ?)",
            (answers, usage.prompt_tokens, usage.completion_tokens),
        )

    def spent(self) -> tuple[int, Usage]:
        """Answers that were asked of a model for this store since it was made, and their tokens."""
        row = self._database.execute(
            "SELECT SUM(answers), SUM(prompt_tokens), SUM(completion_tokens) FROM asked"
        ).fetchone()
        answers, prompt, completion = (value or 0 for value in row)
        return answers, Usage(prompt_tokens=prompt, completion_tokens=completion)

    def models(self) -> list[str]:
        """The models whose answers are here."""
        rows = self._database.execute("SELECT DISTINCT model FROM requests ORDER BY model")
        return [model for (model,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class Request:
    """What was asked, in canonical form, and the key made of it."""

    def __init__(self, model: str, messages: Sequence[Message], sampling: Sampling):
        self.model = model
        self.messages = _canonical([message.model_dump() for message in messages])
        self.sampling = _canonical(sampling.model_dump(mode="json"))
        asked = "\n".join((self.model, self.messages, self.sampling))
        self.key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class StoredModel:
    """A model that looks in its stores before it asks, and keeps every answer in all of them.

    The first store is the run's own, so that a run's folder holds all that it used; those behind it
    are shared between runs. Model and stores belong to the caller, who closes them.
    """

    def __init__(self, model: Model, stores: Sequence[Store], concurrency: int = 64):
        self._model = model
        self._stores = tuple(stores)
        self._slots = asyncio.Semaphore(concurrency)
        self.asked = 0
        """Answers that the model gave."""
        self.reused = 0
        """Answers that a store gave and not this model before, each counted once."""
        self._given: set[tuple[str, int]] = set()

    @property
    def identity(self) -> str:
        """The model's own."""
        return self._model.identity

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Answers from the stores, then from the model for the samples that no store has."""
        request = Request(self.identity, messages, sampling)
        answers: list[Completion] = []
        while len(answers) < n and (answer := self._find(request, len(answers))) is not None:
            answers.append(answer)
        self.reused += len({(request.key, i) for i in range(len(answers))} - self._given)
        while len(answers) < n:
            answers += await self._ask(request, messages, sampling, len(answers), n)
        self._given.update((request.key, i) for i in range(n))
        return answers

    async def _ask(
        self,
        request: Request,
        messages: Sequence[Message],
        sampling: Sampling,
        first: int,
        n: int,
    ) -> list[Completion]:
        """Ask for samples `first` to n, and keep what comes: some servers give fewer at a time."""
        rest = sampling.model_copy(update={"seed": sampling.seed + first})
        async with self._slots:
            fresh = (await self._model.complete(messages, n - first, rest))[: n - first]
        if not fresh:
            raise ModelError(f"{self.identity} gave no answer where {n - first} were asked for")
        self.asked += len(fresh)
        if self._stores:
            self._stores[0].spend(len(fresh), usage_of(fresh))
        for store in self._stores:
            store.put(request, first, fresh)
        return fresh

    def _find(self, request: Request, sample: int) -> Completion | None:
        for i, store in enumerate(self._stores):
            if (answer := store.get(request.key, sample)) is not None:
                for earlier in self._stores[:i]:
                    earlier.put(request, sample, [answer])
                return answer
        return None
