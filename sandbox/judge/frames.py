"""Frames between host and judge: four bytes of length, big-endian, then JSON in ASCII."""

from __future__ import annotations

import json
import os
from typing import Any

MAX_FRAME_BYTES = 64 * 1024 * 1024
HEADER_BYTES = 4
HOLDS, FAILS = "1", "0"
"""The results of a screen: one character for each test."""


class FrameError(ValueError):
    """The other end sent something that is not a frame, or a frame is too large."""


def encode(value: Any) -> bytes:
    """Encode a value as a frame. Lone surrogates are kept, since JSON escapes them.

    Raises FrameError if the frame is larger than MAX_FRAME_BYTES.
    """
    payload = json.dumps(value, separators=(",", ":")).encode("ascii")
    if len(payload) > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {len(payload)} bytes is over {MAX_FRAME_BYTES}")
    return len(payload).to_bytes(HEADER_BYTES, "big") + payload


def read(fd: int) -> Any:
    """Read one frame. Return None if the stream ends before it; raise FrameError if within it."""
    header = _read_exactly(fd, HEADER_BYTES)
    if header is None:
        return None
    size = int.from_bytes(header, "big")
    if size > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {size} bytes is over {MAX_FRAME_BYTES}")
    payload = _read_exactly(fd, size)
    if payload is None:
        raise FrameError("the stream ended inside a frame")
    return json.loads(payload)


def write(fd: int, value: Any) -> None:
    """Write one whole frame."""
    view = memoryview(encode(value))
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    left = size
    while left:
        part = os.read(fd, min(left, 1 << 20))
        if not part:
            if parts:
                raise FrameError("the stream ended inside a frame")
            return None
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
