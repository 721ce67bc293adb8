"""The stream between a program's process and the tests': four bytes of length, then JSON.

It uses the C code of the json module alone, since a program may have replaced any Python function.
What comes from the other side is data of its own choosing.
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
"""The first is small, as messages are: a buffer of over 128 KiB may be mapped anew for each read,
or not, as the process's memory happens to lie, and makes a short test a third slower."""
_read, _write = os.read, os.write


class ClosedError(Exception):
    """The other side has gone."""


class BrokenError(Exception):
    """The other side sent what is no message."""


class TooLargeError(ValueError):
    """A message is larger than the stream carries."""


def _no_json(value: object) -> None:
    raise TypeError(type(value).__name__)


_encode = json.encoder.c_make_encoder(  # type: ignore[attr-defined]  # the C code itself
    None, _no_json, encode_basestring_ascii, None, ":", ",", False, False, True
)
_decode = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # the C code itself
_join = "".join


def text_of(message: Any) -> str:
    """The JSON of a message: equal texts are equal messages, where 1 == True would not be."""
    return _join(_encode(message, 0))


def packed(message: Any) -> bytes:
    """A message as it travels, without its length. Raises TooLargeError."""
    payload = text_of(message).encode("ascii")
    if len(payload) > MAX_BYTES:
        raise TooLargeError(f"a value of {len(payload)} bytes is over {MAX_BYTES}")
    return payload


def unpacked(payload: bytes) -> Any:
    """The message that was packed. Raises BrokenError."""
    try:
        return _decode(payload.decode("ascii"), 0)[0]
    except (ValueError, StopIteration, RecursionError):
        raise BrokenError from None


class Channel:
    """One end."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = b""

    def send(self, message: Any) -> None:
        """Send one message, whole. Raises ClosedError and TooLargeError."""
        self.send_packed(packed(message))

    def send_packed(self, payload: bytes) -> None:
        """Send one message, whole. Raises ClosedError."""
        view = memoryview(len(payload).to_bytes(_HEADER, "big") + payload)
        try:
            while view:
                view = view[_write(self.fd, view) :]
        except OSError:
            raise ClosedError from None

    def receive(self) -> Any:
        """The next message. Raises ClosedError and BrokenError."""
        return unpacked(self.receive_packed())

    def receive_packed(self) -> bytes:
        """The next message as it came. Raises ClosedError and BrokenError."""
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
        parts, have = [data], len(data)
        while have < size:
            parts.append(self._more(_LATER_READ))
            have += len(parts[-1])
        return b"".join(parts)

    def _more(self, size: int = _FIRST_READ) -> bytes:
        try:
            data = _read(self.fd, size)
        except OSError:
            raise ClosedError from None
        if not data:
            raise ClosedError
        return data
