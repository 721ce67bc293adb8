"""The embedded model: the protocol of all models, implemented by CPU-bound worker processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import ModuleType

from agent.errors import ModelError
from agent.synthesiser.answering import answer
from agent.synthesiser.identity import package_hash
from agent.types import Completion, Message, Sampling, Usage

_TOKEN = re.compile(r"\w+|[^\w\s]")


class EmbeddedModel:
    """A model that answers chats in `workers` processes, which start at the first request.

    It uses only the seed of `Sampling`: sample i of a request is drawn with seed + i.
    """

    def __init__(self, workers: int = 2) -> None:
        self._workers = max(1, workers)
        self._pool: ProcessPoolExecutor | None = None

    @property
    def identity(self) -> str:
        """The name with a hash of the code, since any change of the code may change answers."""
        return f"embedded/{package_hash()[:12]}"

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Draw `n` answers to one chat. Raises ModelError if a worker process dies."""
        loop = asyncio.get_running_loop()
        pool = self._started()
        chat = tuple(messages)
        seeds = range(sampling.seed, sampling.seed + n)
        try:
            with _hidden_main():
                futures = [loop.run_in_executor(pool, answer, chat, seed) for seed in seeds]
            texts = await asyncio.gather(*futures)
        except BrokenExecutor as error:
            self._pool = None if self._pool is pool else self._pool
            raise ModelError("a worker process of the embedded model died") from error
        prompt = sum(count_tokens(message.content) for message in chat)
        return [
            Completion(
                text=text,
                usage=Usage(prompt_tokens=prompt, completion_tokens=count_tokens(text)),
                finish_reason="stop",
            )
            for text in texts
        ]

    async def aclose(self) -> None:
        """Shut down the workers, and cancel waiting requests."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            _start_quiet_tracker()
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _settle_in)
        return self._pool


def _start_quiet_tracker() -> None:
    """Start Python's resource tracker without its warning when it tidies after `kill -9`."""
    sys.warnoptions.append("ignore:resource_tracker")
    resource_tracker.ensure_running()
    sys.warnoptions.pop()


@contextmanager
def _hidden_main() -> Iterator[None]:
    """Hide `__main__`, so that worker processes do not import the user's program again."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _settle_in() -> None:
    """Prepare a worker: it ignores Ctrl-C, which the parent handles, and ends with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def count_tokens(text: str) -> int:
    """Count words, numbers and punctuation marks, as an estimate of the number of tokens."""
    return len(_TOKEN.findall(text))
