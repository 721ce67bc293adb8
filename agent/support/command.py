"""The frame of all commands: exit codes, errors as one line, a closed stdout, Ctrl-C."""

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

from agent.errors import AgentError, ConfigError, UnreachableError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

NOT_DONE = 1
"""The command ran, but not with full success: an unscored problem, or a finding of an audit."""
BAD_USE = 2
"""The command did nothing; its message says what was wrong, where, and what would be right."""
UNREACHABLE = 3
"""The model server was gone for longer than the run waits. The run can be resumed."""
INTERRUPTED = 130
"""The user pressed Ctrl-C: 128 plus the number of SIGINT, as in a shell."""
_CHARACTERS = 500
"""Maximum length of an error line, which may hold text of a model or a server."""

Main = Callable[[list[str]], int]


def command(name: str) -> Callable[[Main], Main]:
    """Decorate the main function of a command: its exceptions become exit codes.

    Our own errors, those of the sandbox, of files, and of a plug-in named by its path are printed
    on stderr as one line. Any other exception is a fault of this program, and is not caught.
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
                shown = _blamed(error) or error
                if not isinstance(shown, expected_errors()):
                    raise
                if isinstance(error, OSError):
                    reader_left()  # stdout may have failed; Python would report that again at exit
                complain(name, shown)
                return UNREACHABLE if isinstance(shown, UnreachableError) else BAD_USE

        return guarded

    return decorate


def _prepare_stdout() -> None:
    """Let stdout accept every character, and survive a pipe whose reader leaves."""
    if sys.stdout is None:  # closed by the caller
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if not isinstance(sys.stdout, TextIOWrapper):
        return  # replaced by a test, or by a program that calls the command
    sys.stdout.reconfigure(errors="backslashreplace")
    with suppress(OSError, ValueError):  # no descriptor
        descriptor = sys.stdout.fileno()
        if S_ISFIFO(os.fstat(descriptor).st_mode):
            sys.stdout.flush()
            pipe = BufferedWriter(_Pipe(descriptor, "w", closefd=False))
            sys.stdout = TextIOWrapper(pipe, sys.stdout.encoding, "backslashreplace")


class _Pipe(FileIO):
    """A pipe whose reader may leave, as `head` does: the rest of the output is then dropped.

    The command still ends with its own exit code.
    """

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes. Return how many were written or dropped."""
        try:
            return super().write(data)
        except BrokenPipeError:
            reader_left()
            return len(memoryview(data))


def _flushed(main: Main, argv: list[str]) -> int:
    """Run a command and flush its output, also if it exits after the help text."""
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
    """Return the error to report if a plug-in raised this one, else None."""
    from agent.support.plugins import blame

    return blame(error)


def complain(name: str, error: Exception | str) -> None:
    """Print an error on stderr as one line; a ConfigError as one line per wrong setting."""
    from agent.support.safe_text import one_line

    text = str(error) or type(error).__name__
    for line in text.splitlines() if isinstance(error, ConfigError) else [text]:
        print(f"{name}: {one_line(line, _CHARACTERS)}", file=sys.stderr)


def remark_line(name: str) -> Callable[[str], None]:
    """Return a function that prints a remark of a command on stderr as one line, unless empty."""
    return lambda remark: complain(name, remark) if remark else None


def reader_left() -> int:
    """Drop the rest of stdout, since Python would report a failed flush at exit. Return 1."""
    with suppress(OSError, ValueError):  # a stdout that is not a file has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return NOT_DONE


def tune_process() -> None:
    """Save CPU time in a process that runs one command; a library leaves this to its caller.

    Cyclic garbage is collected less often: by default it takes a seventh of a run's CPU time.
    Pydantic does not look for plug-ins, which takes a twentieth of a start.
    """
    gc.set_threshold(100_000, 20, 100)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def program(module: str) -> str:
    """Return a command's name for usage lines: `codeloop run`, if it was started that way."""
    started = Path(sys.argv[0])
    verb = module.rpartition(".")[2].replace("_", "-")
    if started.name == "__main__.py":
        return f"python -m {started.parent.name} {verb}"
    return f"{started.name} {verb}" if started.name == "codeloop" else f"python -m {module}"


def need_extra(module: str, extra: str) -> None:
    """Raise ConfigError if a module of an optional dependency is not installed."""
    if find_spec(module) is None:
        raise ConfigError(f"{module} is not installed: pip install 'codeloop[{extra}]'")


def out_file(path: Path | None) -> Path | None:
    """Return the path of a file to write. Raises ConfigError without a folder, or for one."""
    if path is not None and not path.parent.is_dir():
        raise ConfigError(f"out: {path.parent} is not a directory")
    if path is not None and path.is_dir():
        raise ConfigError(f"out: {path} is a directory, not a file")
    return path


def progress_line(what: str) -> Callable[[int, int], None]:
    """Return a function that shows `done/total what` on stderr if that is a terminal."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done}/{total} {what}", end="\n" if done == total else "", file=sys.stderr)

    return show
