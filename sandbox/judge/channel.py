"""The stream between the processes of program and tests: four bytes of length, then JSON.

It only uses the C code of the json module, since a program may have replaced any Python
function. The other side may send any data.
"""

from __future__ import annotations

import builtins
import json
import os
from json.encoder import encode_basestring_ascii
from typing import Any

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

MAX_BYTES = 64 * 1024 * 1024
_HEADER = 4
_FIRST_READ, _LATER_READ = 1 << 13, 1 << 18
"""The first read is small, as most messages are. Depending on the process's memory layout, a
buffer of more than 128 KiB is mapped again for each read, which makes a short test a third
slower."""
_read, _write = os.read, os.write


class ClosedError(Exception):
    """The other side has closed the stream."""


class BrokenError(Exception):
    """The other side sent something that is not a message."""


class TooLargeError(ValueError):
    """A message is larger than MAX_BYTES."""


def _no_json(value: object) -> None:
    raise TypeError(type(value).__name__)


_encode = json.encoder.c_make_encoder(  # type: ignore[attr-defined]  # the C code itself
    None, _no_json, encode_basestring_ascii, None, ":", ",", False, False, True
)
_decode = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # the C code itself
_join = "".join


def text_of(message: Any) -> str:
    """Return the JSON of a message. Equal texts mean equal messages, unlike 1 == True in Python."""
    return _join(_encode(message, 0))


def packed(message: Any) -> bytes:
    """Return a message as bytes, without its length. Raises TooLargeError."""
    payload = text_of(message).encode("ascii")
    if len(payload) > MAX_BYTES:
        raise TooLargeError(f"a value of {len(payload)} bytes is over {MAX_BYTES}")
    return payload


def unpacked(payload: bytes) -> Any:
    """Return the message from its bytes. Raises BrokenError if they are not a message."""
    try:
        return _decode(payload.decode("ascii"), 0)[0]
    except (ValueError, StopIteration, RecursionError):
        raise BrokenError from None


class Channel:
    """One end of the stream."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = b""

    def send(self, message: Any) -> None:
        """Send one whole message. Raises ClosedError and TooLargeError."""
        self.send_packed(packed(message))

    def send_packed(self, payload: bytes) -> None:
        """Send one whole message that is packed already. Raises ClosedError."""
        view = memoryview(len(payload).to_bytes(_HEADER, "big") + payload)
        try:
            while view:
                view = view[_write(self.fd, view) :]
        except OSError:
            raise ClosedError from None

    def close(self) -> None:
        """Close the stream."""
        os.close(self.fd)

    def holds_more(self) -> bool:
        """Whether bytes of the next message are here already."""
        return bool(self._buffer)

    def receive(self) -> Any:
        """Return the next message. Raises ClosedError and BrokenError."""
        return unpacked(self.receive_packed())

    def receive_packed(self) -> bytes:
        """Return the bytes of the next message. Raises ClosedError and BrokenError."""
        data = self._buffer or self._more()
        while len(data) < _HEADER:
            data += self._more()
        size = _HEADER + int.from_bytes(data[:_HEADER], "big")
        if size > _HEADER + MAX_BYTES:
            raise BrokenError
        if len(data) < size:
            data = self._rest(data, size)
        self._buffer = data[size:]
        return data[_HEADER:size]

    def _rest(self, data: bytes, size: int) -> bytes:
        parts, received = [data], len(data)
        while received < size:
            parts.append(self._more(_LATER_READ))
            received += len(parts[-1])
        return b"".join(parts)

    def _more(self, size: int = _FIRST_READ) -> bytes:
        try:
            data = _read(self.fd, size)
        except OSError:
            raise ClosedError from None
        if not data:
            raise ClosedError
        return data
