"""What all commands share: exit codes, errors as one line, a closed stdout, Ctrl-C."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from importlib.util import find_spec
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from stat import S_ISFIFO
from typing import TYPE_CHECKING

from agent.errors import AgentError, ConfigError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

NOT_DONE = 1
"""The command ran, and did not do all that was asked: an unscored problem, a finding."""
BAD_USE = 2
"""Nothing was done: the message says what was wrong, where, and what would be right."""
INTERRUPTED = 130
_CHARACTERS = 500
"""That a line of an error has at most: it may hold text of a model or a server."""

Main = Callable[[list[str]], int]


def command(name: str) -> Callable[[Main], Main]:
    """Make a function the body of a command: what it raises becomes an exit code.

    Errors of ours and of the sandbox, those of files, and those of a plug-in given by path are told
    on stderr in a line each. Any other exception is a fault of this program, and is not caught.
    """

    def decorate(main: Main) -> Main:
        @wraps(main)
        def guarded(argv: list[str]) -> int:
            if "agent.support.plugins" in sys.modules:
                sys.modules["agent.support.plugins"].forget()
            _prepare_stdout()
            try:
                return _flushed(main, argv)
            except KeyboardInterrupt:
                return INTERRUPTED
            except BrokenPipeError:
                return reader_left()
            except Exception as error:
                told = _blamed(error) or error
                if not isinstance(told, expected_errors()):
                    raise
                if isinstance(error, OSError):
                    reader_left()  # stdout may be what failed; Python would complain again at exit
                complain(name, told)
                return BAD_USE

        return guarded

    return decorate


def _prepare_stdout() -> None:
    if sys.stdout is None:  # closed by the caller
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if not isinstance(sys.stdout, TextIOWrapper):
        return  # a test's, or another program's
    sys.stdout.reconfigure(errors="backslashreplace")
    with suppress(OSError, ValueError):  # no descriptor
        descriptor = sys.stdout.fileno()
        if S_ISFIFO(os.fstat(descriptor).st_mode):
            sys.stdout.flush()
            pipe = BufferedWriter(_Pipe(descriptor, "w", closefd=False))
            sys.stdout = TextIOWrapper(pipe, sys.stdout.encoding, "backslashreplace")


class _Pipe(FileIO):
    """A pipe whose reader may leave, as `head` does: the rest of the output then goes nowhere.

    The command still ends with the exit code of what it did.
    """

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes. Returns how many were written, or dropped."""
        try:
            return super().write(data)
        except BrokenPipeError:
            reader_left()
            return len(memoryview(data))


def _flushed(main: Main, argv: list[str]) -> int:
    """Run a command, and write all that it printed, be it the help text that ends it."""
    try:
        code = main(argv)
    except SystemExit:
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the errors that are shown to the user as one line, without a traceback."""
    from sandbox.types import SandboxError

    return AgentError, SandboxError, OSError


def _blamed(error: Exception) -> Exception | None:
    from agent.support.plugins import blame

    return blame(error)


def complain(name: str, error: Exception | str) -> None:
    """Tell an error on stderr in one line, or in one for each setting that is wrong."""
    from agent.support.safe_text import one_line

    text = str(error) or type(error).__name__
    for line in text.splitlines() if isinstance(error, ConfigError) else [text]:
        print(f"{name}: {one_line(line, _CHARACTERS)}", file=sys.stderr)


def reader_left() -> int:
    """Send the rest of stdout nowhere, since Python would complain at exit. Return exit code 1."""
    with suppress(OSError, ValueError):  # a stdout that is no file has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return NOT_DONE


def collect_rarely() -> None:
    """Look for cyclic garbage less often: it takes a seventh of a run's CPU time.

    For processes of our own; a library leaves the collector as it is.
    """
    gc.set_threshold(100_000, 20, 100)


def program(module: str) -> str:
    """Return what a usage line calls a command: `codeloop run`, if that is how it was started."""
    started = Path(sys.argv[0])
    verb = module.rpartition(".")[2]
    if started.name == "__main__.py":
        return f"python -m {started.parent.name} {verb}"
    return f"{started.name} {verb}" if started.name == "codeloop" else f"python -m {module}"


def need_extra(module: str, extra: str) -> None:
    """Raise ConfigError if a module of an optional dependency is not installed."""
    if find_spec(module) is None:
        raise ConfigError(f"{module} is not installed: pip install 'codeloop[{extra}]'")


def out_file(path: Path | None) -> Path | None:
    """Return a file that is to be written. Raises ConfigError if its folder is not there."""
    if path is not None and not path.parent.is_dir():
        raise ConfigError(f"out: {path.parent} is not a directory")
    return path


def progress_line(what: str) -> Callable[[int, int], None]:
    """Return a function that shows how many of how many are done, if somebody is watching."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{total} {what}", end="\n" if done == total else "", file=sys.stderr)

    return show
