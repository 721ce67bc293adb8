"""A model on servers that speak OpenAI's protocol, built for vLLM."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from agent.config import ModelConfig
from agent.errors import (
    RefusedError,
    ServerError,
    TransientError,
    UnreachableError,
)
from agent.models.fingerprint import PROBE, PROBE_SAMPLING, ServedIdentity, told_apart
from agent.models.served.metrics import cache_use
from agent.models.served.probe import Probed, probe
from agent.models.served.server import Server, ServerInfo
from agent.models.served.server_pool import ServerPool
from agent.models.served.wire import PATHS, begun_with, read_response, request_body
from agent.support.activity import Say
from agent.support.retry import delays
from agent.types import Completion, Message, Sampling, usage_of

_HOME_CHARACTERS = 256
"""Prompts of one problem share a beginning of this length; prompts of two hardly ever do, unless
worked examples come first: then the last function of the text tells them apart."""
_CHECK_SECONDS = 10.0
"""Time limit for the facts of a server that is back."""


class ServedModel:
    """One model on one or more servers.

    Answers are not streamed: streaming costs the client many times the CPU time.
    """

    def __init__(self, servers: ServerPool, name: str, info: Sequence[ServerInfo]):
        self.servers = servers
        self.name = name
        self.info = tuple(info)
        """One ServerInfo for each server that answered at the start."""
        self.vllm = all(server.vllm for server in info)
        contexts = [server.models.get(name) for server in info]
        self.context = min((c for c in contexts if c is not None), default=None)
        """Tokens of prompt and answer together; None if no server reports it (vLLM does)."""
        self.known: ServedIdentity | None = None
        """The identity that `identify` found."""
        self._probes: list[Probed] = []

    @property
    def identity(self) -> str:
        """The model's name in the store, the same on every server."""
        return f"served/{self.name}" if self.known is None else str(self.known)

    @property
    def line(self) -> str:
        """The model's name, its servers and vLLM's version, as one line for the user."""
        kind = f" (vLLM {self.info[0].version})" if self.vllm else ""
        return f"{self.name} at {', '.join(info.url for info in self.info)}{kind}"

    @classmethod
    async def connect(
        cls,
        config: ModelConfig,
        urls: Sequence[str],
        key: str,
        seconds: float,
        say: Say,
        patience: float = 0.0,
    ) -> ServedModel:
        """Ask the servers for their models, and choose the configured model or the first.

        Each server has `seconds` to answer. If none answers, it waits for one for `patience`
        seconds; then it raises UnreachableError, or a ServerError without any patience. Raises
        ServerError also if a server that answers lacks the model, or if a setting needs vLLM and a
        server is not vLLM.
        """
        servers = [Server(url, key, config.timeout, say) for url in urls]
        pool = ServerPool(servers, config.retries, config.patience, say)
        try:
            info = await _waited_for(pool, seconds, say, patience, named=config.name is not None)
            name = _choose(config.name, info)
            model = cls(pool, name, info)
            if not model.vllm and (asked := config.of_vllm()):
                other = next(server.url for server in info if not server.vllm)
                raise ServerError(f"{other} is not vLLM, and only vLLM supports {', '.join(asked)}")
        except ServerError:
            await pool.aclose()
            raise
        return model

    async def identify(self, label: str | None, retries: int, say: Say) -> None:
        """Find the model's identity: by a label, else by a probe of each server.

        Raises ServerError if two servers have different models of this name.
        """
        if label:
            self.known = ServedIdentity(name=self.name, label=label)
            return
        found = await asyncio.gather(*(self._identity_at(info, retries, say) for info in self.info))
        for info, other in zip(self.info, found, strict=True):
            if unlike := told_apart(found[0], other):
                raise ServerError(
                    f"{self.info[0].url} and {info.url} serve different models as {self.name}: "
                    f"at the second, {unlike}; if you know that they are the same, name them by "
                    "--model.label NAME"
                )
        self.known = found[0]
        self.servers.check = partial(self._check, self.known)

    async def _identity_at(self, info: ServerInfo, retries: int, say: Say) -> ServedIdentity:
        """Return the identity of the model at one server, at the start."""
        try:
            probed = await self._probe(info, retries)
        except TransientError as error:
            if error.lost:
                raise
            probed = Probed(missing=str(error))
        if probed.missing:
            say(
                f"model: {info.url} gives no answer that identifies the model, only name, root and "
                f"context do: {probed.missing}"
            )
        return self._identity(info, probed.hash)

    async def _probe(self, info: ServerInfo, retries: int) -> Probed:
        server = next(server for server in self.servers if server.url == info.url)
        probed = await probe(self.servers, server, self.name, retries, vllm=info.vllm)
        self._probes.append(probed)
        return probed

    def _identity(self, info: ServerInfo, hashed: str | None) -> ServedIdentity:
        root, parent = info.origins.get(self.name, (None, None))
        context = info.models.get(self.name)
        return ServedIdentity(
            name=self.name, root=root, parent=parent, context=context, probe=hashed
        )

    async def _check(self, known: ServedIdentity, server: Server) -> None:
        """Check a server that was gone. Raises RefusedError if it serves another model now.

        Raises TransientError if it is not ready: it may be loading the model.
        """
        try:
            info = await server.facts(_CHECK_SECONDS, named=True)
        except TransientError:
            raise
        except ServerError as error:
            raise TransientError(str(error)) from None
        # A server that gave no answer to the probe at the start need not give one now.
        probed = await self._probe(info, 0) if known.probe else Probed()
        if unlike := told_apart(known, self._identity(info, probed.hash)):
            raise RefusedError(
                f"{server.url} is back with another model as {self.name}: {unlike}; if you know "
                f"that it is the same, resume with --model.label {known.mark}"
            )

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Send one request for all `n` answers, with all sampling parameters.

        A beam search gives one answer, the best beam; its usage counts all beams. Raises
        ServerError with the server's message.
        """
        body = request_body(self.name, messages, n, sampling, vllm=self.vllm)
        prefix, n = begun_with(messages), body["n"]
        read = partial(read_response, prefix=prefix, max_tokens=sampling.max_tokens, n=n)
        answers = await self.servers.ask(PATHS[sampling.endpoint], body, home_of(messages), read)
        if sampling.beams is None:
            return answers
        return [answers[0].model_copy(update={"usage": usage_of(answers)})]

    async def check_penalty(self, config: ModelConfig) -> None:
        """Send a short request with the presence penalty, if there is one: a server may refuse it.

        vLLM takes it, and is not asked. Raises ServerError if the server refuses it.
        """
        if not config.presence_penalty or self.vllm:
            return
        made = {"presence_penalty": config.presence_penalty, "endpoint": config.endpoint}
        try:
            await self.complete(PROBE, 1, PROBE_SAMPLING.model_copy(update=made))
        except RefusedError as error:
            raise ServerError(f"model.presence_penalty: {error}") from None

    def provenance(self) -> Mapping[str, Any]:
        """Return the context and the servers found at the start, for the manifest."""
        found: dict[str, Any] = {
            "context": self.context,
            "servers": [
                {"url": info.url, "vllm": info.version} if info.vllm else {"url": info.url}
                for info in self.info
            ],
        }
        if self.known is not None:
            found["identity"] = self.known.model_dump(exclude_none=True)
            found["probe"] = {
                "requests": len(self._probes),
                "prompt_tokens": sum(probed.usage.prompt_tokens for probed in self._probes),
                "completion_tokens": sum(probed.usage.completion_tokens for probed in self._probes),
            }
        return found

    async def cache_use(self) -> tuple[float, float] | None:
        """Return the tokens looked up and found in the prefix caches of all servers.

        None if a server is not vLLM or does not give its metrics.
        """
        if not self.vllm:
            return None
        try:
            uses = [cache_use(await server.metrics()) for server in self.servers]
        except ServerError:
            return None
        return sum(looked for looked, _ in uses), sum(found for _, found in uses)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.servers.aclose()


def home_of(messages: Sequence[Message]) -> str:
    """Return the key of the server that a chat goes to: mostly the same for all of one problem."""
    text = next((message.content for message in messages if message.role == "user"), "")
    text = text or messages[0].content
    return text[:_HOME_CHARACTERS] + "".join(re.findall(r"\bdef \w+", text)[-1:])


async def _waited_for(
    pool: ServerPool, seconds: float, say: Say, patience: float, *, named: bool
) -> list[ServerInfo]:
    """Return a ServerInfo for each server that answers, as soon as one does.

    Raises UnreachableError if none does within `patience` seconds, and the ServerError of the
    first server without any patience or if waiting is useless.
    """
    deadline, waits, told = time.monotonic() + patience, delays(Random(0)), False
    while True:
        try:
            found = await _facts(pool, seconds, say, named=named)
        except TransientError as error:
            if not patience:
                raise
            if time.monotonic() >= deadline:
                waited = f"waited {patience:g} s for the server"
                raise UnreachableError(f"{error}; {waited}") from None
            if not told:
                say(f"model: {error}; waiting up to {patience:g} s for the server")
            told = True
            await asyncio.sleep(min(next(waits), max(0.0, deadline - time.monotonic())))
        else:
            if told:
                say(f"model: {found[0].url} answers again")
            return found


async def _facts(pool: ServerPool, seconds: float, say: Say, *, named: bool) -> list[ServerInfo]:
    """Return a ServerInfo for each server that answers. Raises ServerError if none does."""
    found: list[ServerInfo] = []
    errors: list[tuple[Server, ServerError]] = []
    for server in pool:
        try:
            found.append(await server.facts(seconds, named=named))
        except ServerError as error:
            errors.append((server, error))
    if not found:
        # It is worth waiting if one of them may come up.
        waits = (error for _, error in errors if isinstance(error, TransientError))
        raise next(waits, errors[0][1])
    for server, missing in errors:
        pool.mark_absent(server)
        say(f"model: {missing}; the run uses the other servers")
    return found


def _choose(wanted: str | None, info: Sequence[ServerInfo]) -> str:
    """Return the model's name: the configured one, or the first of the first server that has some.

    Raises ServerError if a server lists only other models, or if no name is known.
    """
    name = wanted or next((name for server in info for name in server.models), "")
    if not name:
        raise ServerError(f"{info[0].url} lists no models: name the one to ask with --model.name")
    for server in info:
        if server.models and name not in server.models:
            raise ServerError(
                f"{server.url} does not serve {name}; it serves {', '.join(server.models)}"
            )
    return name
