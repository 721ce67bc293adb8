"""What a program prints: into a file in memory that outlives its process.

The supervisor made the file and reads it, so that output printed before a crash is not lost.
Descriptor 1 of the program is the same file.
"""

from __future__ import annotations

import builtins
import io
import os
import sys

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

BYTES_PER_CHARACTER = 4
_write = os.write


class Output(io.RawIOBase):
    """The raw end of `sys.stdout`: keeps what fits, and drops what is over."""

    def __init__(self) -> None:
        super().__init__()
        self.used = 0
        self._room = 0
        self._recent = b""

    def open(self, characters: int) -> None:
        """Begin to keep output, as much of it as that many characters may take."""
        self._room = characters * BYTES_PER_CHARACTER

    def writable(self) -> bool:
        """Say that it takes writes."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer will do
        """Take everything."""
        kept = bytes(data[: max(0, self._room - self.used)])
        if kept:
            self.used += len(kept)
            self._recent += kept
            try:
                _write(1, kept)
            except OSError:  # the program closed it, or filled it by other ways
                self._room = 0
        return len(data)

    def recent(self) -> str:
        """What was printed since this was asked last."""
        if not self._recent:
            return ""
        text, self._recent = self._recent.decode("utf-8", "replace"), b""
        return text


class Streams:
    """Python's three streams for a process, made once and taken over by each fork."""

    def __init__(self) -> None:
        self.output = Output()
        self._input = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        self._output, self._errors = _text(self.output), _text(Output())

    def install(self) -> None:
        """Make them this process's own; standard input is empty, standard error goes nowhere."""
        sys.stdin = sys.__stdin__ = self._input  # type: ignore[misc]  # ours to replace
        sys.stdout = sys.__stdout__ = self._output  # type: ignore[misc]  # ours to replace
        sys.stderr = sys.__stderr__ = self._errors  # type: ignore[misc]  # ours to replace


def _text(output: Output) -> io.TextIOWrapper:
    # surrogatepass: printing a lone surrogate must not fail a program that a StringIO would not
    return io.TextIOWrapper(
        output,  # type: ignore[arg-type]  # io asks for more than it uses
        encoding="utf-8",
        errors="surrogatepass",
        newline="\n",
        write_through=True,
    )
