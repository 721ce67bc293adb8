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


class Channel:
    """One end."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = b""

    def send(self, message: Any) -> None:
        """Send one message, whole. Raises ClosedError and TooLargeError."""
        payload = text_of(message).encode("ascii")
        if len(payload) > MAX_BYTES:
            raise TooLargeError(f"a value of {len(payload)} bytes is over {MAX_BYTES}")
        view = memoryview(len(payload).to_bytes(_HEADER, "big") + payload)
        try:
            while view:
                view = view[_write(self.fd, view) :]
        except OSError:
            raise ClosedError from None

    def receive(self) -> Any:
        """The next message. Raises ClosedError and BrokenError."""
        data = self._buffer or self._more()
        while len(data) < _HEADER:
            data += self._more()
        size = _HEADER + int.from_bytes(data[:_HEADER], "big")
        if size > _HEADER + MAX_BYTES:
            raise BrokenError
        if len(data) < size:
            data = self._rest(data, size)
        self._buffer = data[size:]
        try:
            return _decode(data[_HEADER:size].decode("ascii"), 0)[0]
        except (ValueError, StopIteration, RecursionError):
            raise BrokenError from None

    def _rest(self, data: bytes, size: int) -> bytes:
        parts, have = [data], len(data)
        while have < size:
            parts.append(self._more())
            have += len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        try:
            data = _read(self.fd, 1 << 18)
        except OSError:
            raise ClosedError from None
        if not data:
            raise ClosedError
        return data
