"""A pool of servers of one model: load distribution, retries and failover.

Requests that share their beginning go to the same server, whose prefix cache is then warm. No other
layer retries.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, TypeVar

from agent.errors import (
    MalformedError,
    RunEndingError,
    TransientError,
    UnreachableError,
    UnsupportedFieldError,
)
from agent.models.served.server import Server
from agent.support.activity import Say
from agent.support.retry import delays

Answer = TypeVar("Answer")
_RETURN_SECONDS = 5.0
"""Seconds after which an unreachable server is tried again if others are reachable."""


class ServerPool:
    """A pool of servers that all serve the model."""

    def __init__(self, servers: Sequence[Server], retries: int, patience: float, say: Say):
        self._servers = tuple(servers)
        self._retries = retries
        self._patience = patience
        self._say = say
        self._random = Random(0)
        self._left_out: set[str] = set()
        self._all_down_since: float | None = None
        self._end: RunEndingError | None = None
        """The error that ends the run; all other requests raise it too."""
        self._ended = asyncio.Event()
        """Set together with `_end`, so that waiting requests stop waiting."""
        self.check: Callable[[Server], Awaitable[None]] | None = None
        """Raises an error if a server that was gone is back with another model."""
        self._checks: dict[str, asyncio.Future[None]] = {}
        """The checks that are in progress, by the URL of the server."""

    def __iter__(self) -> Iterator[Server]:
        return iter(self._servers)

    async def ask(
        self, path: str, body: Mapping[str, Any], home: str, read: Callable[[bytes], Answer]
    ) -> Answer:
        """Send one request and return `read` of the response; `home` is the key of its server.

        Retries after growing waits if a retry can help. Raises RunEndingError, PromptTooLongError,
        and TransientError when all retries are used up.
        """
        server, waits, failures = self._home(home), delays(self._random), 0
        while True:
            if self._end is not None:
                raise self._end
            try:
                await self._checked(server)
                answer = read(await server.post(path, self._accepted(body)))
            except UnsupportedFieldError as error:
                self._leave_out(error)
                continue
            except RunEndingError as error:
                self._stop(error)
            except (TransientError, MalformedError) as error:
                failed = _transient(server, error)
                if not failed.lost or await server.answers():
                    failures += 1
                    self._mark_up(server)
                else:
                    self._mark_down(server, failed)
                if failures > self._retries:
                    raise failed from None
                server = self._least_loaded(server)
                await self._wait(max(next(waits), failed.wait))
            else:
                self._mark_up(server)
                return answer

    async def ask_alone(
        self,
        server: Server,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[bytes], Answer],
        retries: int,
    ) -> Answer:
        """Send one request to one server. Its failure has no effect on other requests.

        Raises TransientError when the retries are used up, and all that `Server.post` raises.
        """
        waits, failures = delays(self._random), 0
        while True:
            try:
                return read(await server.post(path, self._accepted(body)))
            except UnsupportedFieldError as error:
                self._leave_out(error)
            except (TransientError, MalformedError) as error:
                failed, failures = _transient(server, error), failures + 1
                if failures > retries:
                    raise failed from None
                await asyncio.sleep(max(next(waits), failed.wait))

    def mark_absent(self, server: Server) -> None:
        """Mark a server that did not answer at the start. Its model is checked before use."""
        server.down_at, server.is_checked = time.monotonic(), False

    @property
    def waits_until(self) -> float | None:
        """The monotonic time until which the run waits for a server; None if one answers."""
        since = self._all_down_since
        return None if since is None else since + self._patience

    def stop_retrying(self) -> None:
        """Let requests in flight finish, and send no request again."""
        self._stop(RunEndingError("the run ends: no request is sent any more"))

    async def aclose(self) -> None:
        """Close all connections."""
        for check in self._checks.values():
            check.cancel()
        await asyncio.gather(*self._checks.values(), return_exceptions=True)
        for server in self._servers:
            await server.aclose()

    async def _checked(self, server: Server) -> None:
        """Return when the server's model is known to be the run's; all requests share a check."""
        if server.is_checked or self.check is None:
            return
        check = self._checks.get(server.url)
        if check is None:
            check = self._checks[server.url] = asyncio.ensure_future(self.check(server))
            check.add_done_callback(lambda done: self._note_check(server, done))
        await asyncio.shield(check)

    def _note_check(self, server: Server, done: asyncio.Future[None]) -> None:
        del self._checks[server.url]
        if not done.cancelled() and done.exception() is None:
            server.is_checked = True

    def _home(self, home: str) -> Server:
        """Return the server of a key, by rendezvous hashing: it stays if other servers go."""

        def weight(server: Server) -> bytes:
            return hashlib.sha256(f"{server.url} {home}".encode("utf-8", "replace")).digest()

        return max(self._up() or self._servers, key=weight)

    def _least_loaded(self, failed: Server) -> Server:
        """Return the least loaded other server, or `failed` if there is none."""
        others = [server for server in self._up() if server is not failed]
        return min(others, key=lambda server: server.in_flight, default=failed)

    def _up(self) -> list[Server]:
        now = time.monotonic()
        return [s for s in self._servers if s.down_at is None or now - s.down_at > _RETURN_SECONDS]

    def _accepted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body without the fields that the servers reject."""
        accepted = {key: value for key, value in body.items() if key not in self._left_out}
        if "max_tokens" in self._left_out:  # the name in newer models of OpenAI
            accepted["max_completion_tokens"] = body["max_tokens"]
        return accepted

    def _leave_out(self, error: UnsupportedFieldError) -> None:
        if error.field not in self._left_out:
            self._left_out.add(error.field)
            self._say(f"model: {error.field} is left out of all further requests: {error}")

    def _mark_up(self, server: Server) -> None:
        if server.down_at is not None:
            self._say(f"model: {server.url} answers again")
        server.down_at = self._all_down_since = None

    def _mark_down(self, server: Server, error: TransientError) -> None:
        """Mark a server as unreachable; end the run if all were for `patience` seconds."""
        is_news, server.down_at = server.down_at is None, time.monotonic()
        server.is_checked = False
        if any(other.down_at is None for other in self._servers):
            if is_news:
                self._say(f"model: {error}; the run uses the other servers")
            return
        if self._all_down_since is None:
            self._all_down_since = server.down_at
            self._say(f"model: {error}; waiting up to {self._patience:g} s for {self._a_server}")
        if server.down_at - self._all_down_since >= self._patience:
            waited = f"waited {self._patience:g} s for {self._a_server}"
            self._stop(UnreachableError(f"{error}; {waited}"))

    @property
    def _a_server(self) -> str:
        return "the server" if len(self._servers) == 1 else "a server"

    def _stop(self, error: RunEndingError) -> None:
        self._end = self._end or error
        self._ended.set()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()


def _transient(server: Server, error: TransientError | MalformedError) -> TransientError:
    return error if isinstance(error, TransientError) else TransientError(f"{server.url}: {error}")
