"""A model on servers that speak OpenAI's protocol, built for vLLM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from agent.config import ModelConfig
from agent.errors import ServerError
from agent.models.served.metrics import cache_use
from agent.models.served.server import Server, ServerInfo
from agent.models.served.server_pool import ServerPool
from agent.models.served.wire import PATHS, begun_with, read_response, request_body
from agent.support.activity import Say
from agent.types import Completion, Message, Sampling

_HOME_CHARACTERS = 256
"""Prompts of one problem share a beginning of this length; prompts of two hardly ever do."""


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

    @property
    def identity(self) -> str:
        """The model's name in the store, the same on every server."""
        return f"served/{self.name}"

    @property
    def line(self) -> str:
        """The model's name, its servers and vLLM's version, as one line for the user."""
        kind = f" (vLLM {self.info[0].version})" if self.vllm else ""
        return f"{self.name} at {', '.join(info.url for info in self.info)}{kind}"

    @classmethod
    async def connect(
        cls, config: ModelConfig, urls: Sequence[str], key: str, seconds: float, say: Say
    ) -> ServedModel:
        """Ask the servers for their models, and choose the configured model or the first.

        Each server has `seconds` to answer. Raises ServerError if no server answers, if one that
        answers lacks the model, or if a setting needs vLLM and a server is not vLLM.
        """
        servers = [Server(url, key, config.timeout, say) for url in urls]
        pool = ServerPool(servers, config.retries, config.patience, say)
        try:
            info = await _facts(servers, seconds, say, named=config.name is not None)
            name = _choose(config.name, info)
            model = cls(pool, name, info)
            if not model.vllm and (asked := config.of_vllm()):
                other = next(server.url for server in info if not server.vllm)
                raise ServerError(f"{other} is not vLLM, and only vLLM supports {', '.join(asked)}")
        except ServerError:
            await pool.aclose()
            raise
        return model

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """Send one request for all `n` answers, with all sampling parameters.

        Raises ServerError with the server's message.
        """
        body = request_body(self.name, messages, n, sampling, vllm=self.vllm)
        prefix = begun_with(messages)
        read = partial(read_response, prefix=prefix, max_tokens=sampling.max_tokens, n=n)
        home = messages[0].content[:_HOME_CHARACTERS]
        return await self.servers.ask(PATHS[sampling.endpoint], body, home, read)

    def provenance(self) -> Mapping[str, Any]:
        """Return the context and the servers found at the start, for the manifest."""
        return {
            "context": self.context,
            "servers": [
                {"url": info.url, "vllm": info.version} if info.vllm else {"url": info.url}
                for info in self.info
            ],
        }

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


async def _facts(
    servers: Sequence[Server], seconds: float, say: Say, *, named: bool
) -> list[ServerInfo]:
    """Return a ServerInfo for each server that answers. Raises ServerError if none does."""
    found, errors = [], []
    for server in servers:
        try:
            found.append(await server.facts(seconds, named=named))
        except ServerError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    for missing in errors:
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
