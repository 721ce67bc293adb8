"""The errors that this package raises deliberately.

    AgentError
    ├── ConfigError              a setting is unknown or has a bad value
    ├── DatasetError             a dataset does not exist or its file is broken
    ├── PluginError              a plug-in cannot be loaded, or breaks its interface
    │   └── UnknownPluginError   no plug-in has that name; the message lists the known ones
    ├── SelectorError            a selector lacks an input that it needs
    ├── RunFolderError           a folder is not a run folder, or cannot become one
    │   ├── UnwritableError      a file of a run cannot be written
    │   └── UnknownProblemError  a run has no trace of a problem
    ├── StoreError               a store of answers is damaged or cannot be written
    ├── MalformedError           a server's response is malformed
    ├── ContextTooSmallError     not even the shortest prompt fits the model's context
    ├── ModelError               a model backend failed, and no answer exists
    │   ├── PromptTooLongError   the prompt does not fit the model's context
    │   ├── RunEndingError       all other requests would fail: the run ends and can be resumed
    │   └── ServerError          a server failed, or refused a request
    │       ├── RefusedError           the server refused the request (a RunEndingError, too)
    │       ├── TransientError         the request may succeed if it is sent again
    │       ├── UnsupportedFieldError  the server accepts the request without one field only
    │       └── UnreachableError       the server stays unreachable (a RunEndingError, too)
    └── SynthesiserError         signals inside the demo backend, not seen by its callers
        ├── DeadEndError         a draft cannot be completed
        └── UnreadableError      an example is not made of literals

Commands print them as one line on stderr and exit with code 2, or 3 for UnreachableError
(`agent.support.command`). A wrong program is not an error but a value (`sandbox.Outcome`). A
failure of the sandbox itself raises `sandbox.SandboxUnavailable`.
"""

from __future__ import annotations


class AgentError(Exception):
    """Base of all errors of this package. The message says what would be right."""


class ConfigError(AgentError, ValueError):
    """A setting is unknown or has a bad value. The message names it and the allowed values."""


class DatasetError(AgentError, ValueError):
    """The dataset does not exist or its file is broken."""


class PluginError(AgentError, ValueError):
    """A plug-in cannot be loaded, or breaks the interface of its kind. The message says where."""


class UnknownPluginError(PluginError):
    """No plug-in has that name. The message lists the available ones."""


class SelectorError(AgentError, ValueError):
    """The selector cannot rank the candidates, because it lacks an input that it needs."""


class RunFolderError(AgentError, ValueError):
    """The folder is not a run folder, or cannot become one."""


class UnwritableError(RunFolderError):
    """A file of a run cannot be written: the disk is full, or the folder is not writable."""


class UnknownProblemError(RunFolderError):
    """The run has no trace of the problem. The message says why, or lists the run's task ids."""


class StoreError(AgentError, ValueError):
    """The file is not a store of answers, is damaged, or cannot be written."""


class MalformedError(AgentError, ValueError):
    """The server's response is malformed."""


class ContextTooSmallError(AgentError):
    """Not even the shortest prompt for a case fits the model's context."""


class ModelError(AgentError):
    """The model backend failed, and no answer exists."""


class PromptTooLongError(ModelError):
    """The prompt does not fit the model's context, so a retry is useless."""


class RunEndingError(ModelError):
    """Every other request would fail, too. The run ends and can be resumed."""


class ServerError(ModelError):
    """The server is unreachable or refused the request. The message quotes its response."""

    def __init__(self, message: str, *, status: int = 0):
        super().__init__(message)
        self.status = status
        """Status of the response; 0 if there was none."""


class RefusedError(ServerError, RunEndingError):
    """The server refuses all such requests: a wrong key, an unknown model, a rejected field."""


class TransientError(ServerError):
    """The request may succeed if it is sent again later."""

    def __init__(self, message: str, *, lost: bool = False, wait: float = 0.0, status: int = 0):
        super().__init__(message, status=status)
        self.lost = lost
        """True if there was no response at all: the server may be down."""
        self.wait = wait
        """Seconds to wait before the next request, as the server asks; 0 if it does not ask."""


class UnsupportedFieldError(ServerError):
    """The server accepts the request only without the field `field`."""

    def __init__(self, message: str, field: str):
        super().__init__(message)
        self.field = field


class UnreachableError(ServerError, RunEndingError):
    """No server has answered within the time that the run waits for one."""


class SynthesiserError(AgentError):
    """A signal inside the demo backend, which catches it."""


class DeadEndError(SynthesiserError):
    """No idiom returns the wanted type at this depth."""


class UnreadableError(SynthesiserError):
    """The text is not a literal, or is too long to process."""
