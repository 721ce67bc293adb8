"""Run untrusted programs against tests. The package can be used alone: see its README.md."""

from sandbox.base import BACKENDS, Sandbox, open_sandbox
from sandbox.types import (
    Execution,
    Job,
    Limits,
    Outcome,
    SandboxConfig,
    SandboxError,
    SandboxInfo,
    SandboxUnavailable,
    Screen,
    Screened,
    Status,
)

__all__ = [
    "BACKENDS",
    "Execution",
    "Job",
    "Limits",
    "Outcome",
    "Sandbox",
    "SandboxConfig",
    "SandboxError",
    "SandboxInfo",
    "SandboxUnavailable",
    "Screen",
    "Screened",
    "Status",
    "open_sandbox",
]
