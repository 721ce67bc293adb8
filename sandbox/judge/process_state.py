"""The state of a tests' process that jobs share: no job may affect the next one.

It is checked after each job. Tests that can do more than call, compute and compare have a process
of their own anyway; this finds what others left, such as data of a program that fill the memory.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C code of signal
import ctypes
import decimal
import gc
import os
import sys
import warnings
from typing import Any

_MOST_NEW_BLOCKS = 200_000  # of up to 512 bytes each
_MOST_NEW_BYTES = 16 << 20


_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _MallocInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


_mallinfo: Any = getattr(ctypes.CDLL(None), "mallinfo2", None)  # of glibc, from 2.33 on
if _mallinfo is not None:
    _mallinfo.restype = _MallocInfo


class ProcessState:
    """The state of this process as it was when this object was made."""

    def __init__(self) -> None:
        self._settings = _settings()
        self._blocks, self._bytes = _memory()

    def is_clean(self) -> bool:
        """Return whether the state is as before. Garbage is collected if much memory is in use."""
        if self._has_grown():
            gc.collect()
            if self._has_grown():
                return False
        return _settings() == self._settings

    def _has_grown(self) -> bool:
        blocks, size = _memory()
        return blocks - self._blocks > _MOST_NEW_BLOCKS or size - self._bytes > _MOST_NEW_BYTES


def _settings() -> tuple[Any, ...]:
    digits = getattr(sys, "get_int_max_str_digits", None)  # from Python 3.11 on
    return (
        digits and digits(),
        sys.getswitchinterval(),
        sys.gettrace(),
        sys.getprofile(),
        id(sys.stdout),
        gc.isenabled(),
        gc.get_threshold(),
        repr(decimal.getcontext()),
        len(warnings.filters),
        _signal.getsignal(_signal.SIGALRM),
        _signal.getitimer(_signal.ITIMER_REAL),
        os.getcwd(),
        len(os.environ),
    )


def _memory() -> tuple[int, int]:
    """Return the number of small blocks in use, and the bytes of large ones."""
    if _mallinfo is None:
        return sys.getallocatedblocks(), 0
    found = _mallinfo()
    return sys.getallocatedblocks(), found.uordblks + found.hblkhd
