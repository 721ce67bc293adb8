"""Capture of a program's output in a memory file that outlives its process.

The supervisor creates the file and reads it, so that output from before a crash is not lost.
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
    """The raw stream below `sys.stdout`: keeps output up to a limit, and drops the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.used = 0
        self._room = 0
        self._recent = b""

    def open(self, characters: int) -> None:
        """Begin to keep output, up to the bytes that `characters` can take."""
        self._room = characters * BYTES_PER_CHARACTER

    def writable(self) -> bool:
        """Return True: the stream is writable."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer will do
        """Keep the data up to the limit, and report all of it as written."""
        kept = bytes(data[: max(0, self._room - self.used)])
        if kept:
            self.used += len(kept)
            self._recent += kept
            try:
                _write(1, kept)
            except OSError:  # the program closed the file, or filled it directly
                self._room = 0
        return len(data)

    def recent(self) -> str:
        """Return the output since the last call."""
        if not self._recent:
            return ""
        text, self._recent = self._recent.decode("utf-8", "replace"), b""
        return text


class Streams:
    """Python's three standard streams, made once and inherited by each fork."""

    def __init__(self) -> None:
        self.output = Output()
        self._input = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        self._output, self._errors = _text(self.output), _text(Output())

    def install(self) -> None:
        """Install the streams in `sys`. Standard input is empty; standard error is discarded."""
        sys.stdin = sys.__stdin__ = self._input  # type: ignore[misc]  # ours to replace
        sys.stdout = sys.__stdout__ = self._output  # type: ignore[misc]  # ours to replace
        sys.stderr = sys.__stderr__ = self._errors  # type: ignore[misc]  # ours to replace


def _text(output: Output) -> io.TextIOWrapper:
    # surrogatepass: printing a lone surrogate must not raise, as it does not with a StringIO
    return io.TextIOWrapper(
        output,  # type: ignore[arg-type]  # io declares more than it needs
        encoding="utf-8",
        errors="surrogatepass",
        newline="\n",
        write_through=True,
    )
