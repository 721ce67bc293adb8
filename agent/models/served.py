"""Any server that speaks OpenAI's protocol; vLLM is the one it is built for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.config import ModelConfig
from agent.models.base import ModelError
from agent.types import Completion, Message, Sampling, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
    from openai.types.chat.chat_completion import Choice


class ServerError(ModelError):
    """The server cannot be reached or refused; the message has its own words."""


class ServedModel:
    """One model of one server, through the chat endpoint.

    The openai client tries again after 408, 409, 429, 5xx and lost connections, and never after
    another refusal. No answer is streamed: that costs the client many times the CPU.
    """

    def __init__(self, client: AsyncOpenAI, base_url: str, name: str, context: int | None = None):
        self._client = client
        self.base_url = base_url
        self.name = name
        self.context = context
        """Tokens of prompt and answer together, where the server says so: vLLM does."""
        self._logprobs = True

    @property
    def identity(self) -> str:
        """The model's name: two servers of one model are the same model."""
        return f"served/{self.name}"

    @classmethod
    async def connect(
        cls, config: ModelConfig, base_url: str, api_key: str, patience: float = 10.0
    ) -> ServedModel:
        """Ask the server for its models, and take the one configured or the first.

        `patience` is in seconds. Raises ServerError if nothing answers, or lacks the model.
        """
        from openai import APIError, AsyncOpenAI, DefaultAioHttpClient

        client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            timeout=config.timeout,
            max_retries=config.retries,
            http_client=DefaultAioHttpClient(),
        )
        try:
            probe = client.with_options(timeout=patience, max_retries=0)
            listed = {model.id: model async for model in probe.models.list()}
            name = _choose(config.name, [*listed], base_url)
            context = getattr(listed.get(name), "max_model_len", None)
            return cls(client, base_url, name, context if isinstance(context, int) else None)
        except (APIError, ServerError, AttributeError, TypeError, ValueError) as error:
            # Besides refusals: whatever the client trips over where something else answers.
            await client.close()
            if isinstance(error, ServerError):
                raise
            raise ServerError(f"no model server answers at {base_url}: {error}") from None

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        """One request for all `n` answers, with every sampling parameter sent.

        Raises ServerError with the server's own words.
        """
        from openai import APIError

        try:
            return completions(await self._create(messages, n, sampling))
        except APIError as error:
            if self._logprobs and "logprob" in str(error):
                # Not every server has them; tokens are then counted by the response's total.
                self._logprobs = False
                return await self.complete(messages, n, sampling)
            raise ServerError(f"{self.base_url}: {error}") from error

    async def _create(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> ChatCompletion:
        from openai import omit

        chat: list[ChatCompletionMessageParam] = [
            {"role": message.role, "content": message.content}  # type: ignore[misc]  # a union of literals by role
            for message in messages
        ]
        return await self._client.chat.completions.create(
            model=self.name,
            messages=chat,
            n=n,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            seed=sampling.seed,
            stop=list(sampling.stop) or None,
            logprobs=True if self._logprobs else omit,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def _choose(wanted: str | None, names: list[str], base_url: str) -> str:
    """The model to ask for. Raises ServerError where the server lists others, or none."""
    name = wanted or (names[0] if names else None)
    if name is None or (names and name not in names):
        raise ServerError(
            f"{base_url} does not serve {name or 'any model'}; "
            f"it serves {', '.join(names) or 'none'}"
        )
    return name


def completions(response: ChatCompletion) -> list[Completion]:
    """Answers of a response.

    A choice's tokens are counted by its log-probabilities. Where the server sends none, the
    response's total is shared out evenly, since `usage` does not tell the choices apart.
    """
    total = response.usage.completion_tokens if response.usage else 0
    prompt = response.usage.prompt_tokens if response.usage else 0
    count = max(len(response.choices), 1)
    return [
        _completion(choice, prompt, (total + i) // count)
        for i, choice in enumerate(response.choices)
    ]


def _completion(choice: Choice, prompt_tokens: int, share: int) -> Completion:
    tokens = (choice.logprobs.content or []) if choice.logprobs else []
    return Completion(
        text=choice.message.content or "",
        usage=Usage(prompt_tokens=prompt_tokens, completion_tokens=len(tokens) or share),
        finish_reason=choice.finish_reason or "stop",
        mean_logprob=sum(token.logprob for token in tokens) / len(tokens) if tokens else None,
    )
