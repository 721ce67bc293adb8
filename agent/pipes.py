"""What to do when whoever reads our output has seen enough, as `| head` does."""

from __future__ import annotations

import os
import sys


def reader_left() -> int:
    """Send the rest of stdout nowhere, since Python would complain at exit; returns exit code 1."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
