"""A rehearsal: the zygote runs the code of its children on a sample program, to warm up.

Each child then starts with filled interpreter caches and specialised code, and writes to fewer of
the pages that it shares with the zygote. Each such write causes a page fault, and page faults are
most of the cost of a program.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from .candidate import MODULE, CandidateProgram, compiled
from .capture import Output
from .channel import Channel
from .process_state import ProcessState
from .remote import RemoteProgram, first_message
from .tester import Tester

_TIMES = 20  # the interpreter specialises code that has run about eight times
_PROGRAM = """
from typing import List

def f(numbers: List[int], text: str = "") -> List[int]:
    \"\"\"A text.\"\"\"
    found = []
    for index, number in enumerate(numbers):
        if number > 0 and str(number) not in text:
            found.append(number * 2 + index)
    return sorted(found)
"""
_JOB: dict[str, Any] = {
    "program": _PROGRAM,
    "tests": ["assert f([1, 2]) == [2, 5]"],
    "prelude": "from typing import List",
    "entry_point": "f",
    "limits": {"evidence_chars": 100},
}


def run(output: Output) -> None:
    """Load, call and test the sample program several times, and remove it again."""
    ours, theirs = socket.socketpair()
    state = ProcessState()
    with ours, theirs:
        here, there = Channel(ours.fileno()), Channel(theirs.fileno())
        for turn in range(_TIMES):
            program = CandidateProgram(output, there)
            program.prepare(0, 100)
            there.send(program._first(first_message(compiled(_PROGRAM), _PROGRAM, [])))
            here.receive()
            for arguments, nodes in (([[0], "5"], [["l", 1, 2, 5]]), ([[0]], [["l"]])):
                program.answer(1, ["call", "f", arguments, [], [nodes, [], []]])
                here.receive()
            there.send(["loaded", {"f": "function f"}, 0])
            there.send([1, "value", [1], [[["l", 2, 5]], [], [], [], ""]])
            job = {**_JOB, "share_calls": turn % 2 == 1}
            remote = RemoteProgram(job, os.dup(ours.fileno()))
            for _message in Tester(job, remote, state).messages(0):
                pass
            there.receive_packed()
            there.receive()
    del sys.modules[MODULE]
