"""Every error that this package raises on purpose.

    AgentError
    ├── ConfigError              a setting is unknown or has a bad value
    ├── DatasetError             a dataset does not exist or its file is broken
    ├── PluginError              a plug-in cannot be loaded, or does not do what its kind has to
    │   └── UnknownPluginError   no plug-in has that name; the message lists those that exist
    ├── SelectorError            a selector lacks what it needs
    ├── RunFolderError           a folder is not a run, or cannot be made one
    │   ├── UnwritableError      a file of a run cannot be written
    │   └── UnknownProblemError  a run has no trace of a problem
    ├── StoreError               a store of answers is damaged or cannot be written
    ├── MalformedError           a server's response is malformed
    ├── NoRoomError              not even the shortest prompt fits the model's context
    ├── ModelError               a model backend failed, and no answer exists
    │   ├── PromptTooLongError   the prompt does not fit the model's context
    │   ├── RunEndingError       no other request can fare better: the run ends, and may be resumed
    │   └── ServerError          a server failed, or refused a request
    │       ├── RefusedError     the server refused the request for good (a RunEndingError, too)
    │       ├── TransientError   the request may succeed if it is sent again
    │       ├── LeaveOutError    the server does not know a parameter: to be sent without it
    │       └── GoneError        the server is gone (a RunEndingError, too)
    └── SynthesiserError         the demo backend: signals that do not leave it
        ├── DeadEndError         a draft cannot be completed
        └── UnreadableError      an example is not made of literals

Commands turn them into one line on stderr and exit code 2 (`agent.support.command`). A program that
is wrong is no error but a value (`sandbox.Outcome`); machinery of the sandbox that fails raises
`sandbox.SandboxUnavailable`.
"""

from __future__ import annotations


class AgentError(Exception):
    """Base of all errors of this package; the message says what would have been right."""


class ConfigError(AgentError, ValueError):
    """A setting is unknown or has a bad value; the message names it and what is allowed."""


class DatasetError(AgentError, ValueError):
    """The dataset does not exist or its file is broken."""


class PluginError(AgentError, ValueError):
    """A plug-in cannot be loaded, or does not do what its kind has to: the message says where."""


class UnknownPluginError(PluginError):
    """No such plug-in; the message lists those that exist."""


class SelectorError(AgentError, ValueError):
    """The selector cannot do what it is asked."""


class RunFolderError(AgentError, ValueError):
    """The folder is not a run, or cannot be made one."""


class UnwritableError(RunFolderError):
    """A file of a run cannot be written: the disk is full, or the folder closed."""


class UnknownProblemError(RunFolderError):
    """The run has no trace of the problem; the message says what it has."""


class StoreError(AgentError, ValueError):
    """The file is not a store, is damaged, or cannot be written."""


class MalformedError(AgentError, ValueError):
    """The server's response is malformed."""


class NoRoomError(AgentError):
    """Not even the shortest prompt of a case fits the model's context."""


class ModelError(AgentError):
    """The backend failed, and no answer exists."""


class PromptTooLongError(ModelError):
    """The prompt does not fit the model's context: asking again would be of no use."""


class RunEndingError(ModelError):
    """No other request can fare better: the run ends here, and may be resumed."""


class ServerError(ModelError):
    """The server cannot be reached or refused; the message has its own words."""


class RefusedError(ServerError, RunEndingError):
    """The server will not have it: a wrong key, an unknown model, a field that it rejects."""


class TransientError(ServerError):
    """The request may succeed a moment later."""

    def __init__(self, message: str, *, lost: bool = False, wait: float = 0.0):
        super().__init__(message)
        self.lost = lost
        """Whether no response came at all: the server may be gone."""
        self.wait = wait
        """Seconds that the server asks to be left alone."""


class LeaveOutError(ServerError):
    """The server takes the request without some field."""

    def __init__(self, message: str, field: str):
        super().__init__(message)
        self.field = field


class GoneError(ServerError, RunEndingError):
    """No server has answered for as long as the run was to wait."""


class SynthesiserError(AgentError):
    """A signal inside the demo backend, which does not leave it."""


class DeadEndError(SynthesiserError):
    """No idiom gives the type wanted at this depth."""


class UnreadableError(SynthesiserError):
    """The text is not a literal, or too long to work with."""
