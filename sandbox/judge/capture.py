"""What a program prints, kept in memory that outlives its process.

The region is shared with the supervisor, so that output printed before a crash is not lost. Only
Python's `sys.stdout` is captured: bytes written to descriptor 1 go to /dev/null.
"""

from __future__ import annotations

import builtins
import io
import mmap
import sys

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

_HEADER_BYTES = 8
BYTES_PER_CHARACTER = 4


class Capture:
    """A region of fixed size: its first bytes count what is in it, and what is over is dropped."""

    def __init__(self, characters: int) -> None:
        self.room = characters * BYTES_PER_CHARACTER
        self._region = mmap.mmap(-1, _HEADER_BYTES + self.room)
        self.streams = Streams(self)

    @property
    def used(self) -> int:
        """Bytes captured; the program can write here, so the figure is bounded on reading."""
        return min(int.from_bytes(self._region[:_HEADER_BYTES], "little"), self.room)

    def clear(self) -> None:
        """Forget all that was captured."""
        self._region[:_HEADER_BYTES] = bytes(_HEADER_BYTES)

    def write(self, data: bytes) -> None:
        """Keep what still fits."""
        used = self.used
        kept = data[: self.room - used]
        start = _HEADER_BYTES + used
        self._region[start : start + len(kept)] = kept
        self._region[:_HEADER_BYTES] = (used + len(kept)).to_bytes(_HEADER_BYTES, "little")

    def text(self, start: int, characters: int) -> str:
        """What was captured from a byte on, cut to a number of characters."""
        data = self._region[_HEADER_BYTES + start : _HEADER_BYTES + self.used]
        return data.decode("utf-8", "replace")[:characters]


class _Sink(io.RawIOBase):
    """The raw end of a text stream: into a capture, or nowhere."""

    def __init__(self, capture: Capture | None) -> None:
        super().__init__()
        self._capture = capture

    def writable(self) -> bool:
        """Say that it takes writes."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take everything."""
        if self._capture is not None:
            self._capture.write(bytes(data))
        return len(data)


class Streams:
    """Python's three streams for a program, made once and taken over by each process."""

    def __init__(self, capture: Capture) -> None:
        self._input = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        self._output, self._errors = _text(capture), _text(None)

    def install(self) -> None:
        """Make them this process's own; standard input is empty, standard error goes nowhere."""
        sys.stdin = sys.__stdin__ = self._input  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = self._output  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self._errors  # type: ignore[misc]


def _text(capture: Capture | None) -> io.TextIOWrapper:
    # surrogatepass: printing a lone surrogate must not fail a program that a StringIO would not
    return io.TextIOWrapper(
        _Sink(capture),  # type: ignore[arg-type]
        encoding="utf-8",
        errors="surrogatepass",
        newline="\n",
        write_through=True,
    )
