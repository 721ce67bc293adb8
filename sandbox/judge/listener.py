"""A listener on a Unix socket in a container: each connection of a host gets a fresh judge.

One container is one slot: it serves one connection at a time, and closes others meanwhile. A judge
is a fork of this process, which has not seen a job. All descendants of a judge are ended before the
next connection is accepted.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from . import cleanup, supervisor, surroundings

SUFFIX = ".sock"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_BACKLOG = 64
_OPEN_TO_ALL = 0o666  # every user with access to the folder may connect


def main(directory: str, folder: str) -> NoReturn:
    """Serve connections to FOLDER/HOSTNAME.sock until SIGTERM arrives."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)  # needed if it is not process 1
    path = os.path.join(folder, socket.gethostname() + SUFFIX)
    with _listen(path) as listening:
        print(f"sandbox: listening on {path}", file=sys.stderr, flush=True)
        try:
            while True:
                connection, _ = listening.accept()
                with connection:
                    _serve(connection, listening, directory)
                os.chmod(path, _OPEN_TO_ALL)  # a program can change its mode, but nothing else
        finally:
            os.unlink(path)


def _listen(path: str) -> socket.socket:
    """Return a socket that gets its name once it accepts connections.

    It replaces the socket that a listener which has ended left under that name.
    """
    listening = socket.socket(socket.AF_UNIX)
    unready = f"{path}.new"
    if os.path.lexists(unready):
        os.unlink(unready)
    listening.bind(unready)
    os.chmod(unready, _OPEN_TO_ALL)
    listening.listen(_BACKLOG)
    os.rename(unready, path)
    return listening


def _serve(connection: socket.socket, listening: socket.socket, directory: str) -> None:
    """Serve a connection with a judge of its own, and clean up after it."""
    if _has_gone(connection):
        return
    judge = os.fork()
    if judge == 0:
        _become_judge(connection, listening, directory)
    try:
        _watch(judge, connection, listening)
    finally:
        ended = cleanup.end_survivors(os.getpid(), cleanup.reap)
    if not ended:
        raise SystemExit("sandbox: a process of a program could not be ended")
    cleanup.wipe(directory)


def _has_gone(connection: socket.socket) -> bool:
    """Whether the host has closed the connection, as it does when it only tests the socket."""
    poller = select.poll()
    poller.register(connection, select.POLLRDHUP)
    return bool(poller.poll(0))


def _become_judge(connection: socket.socket, listening: socket.socket, directory: str) -> NoReturn:
    try:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(connection.fileno(), 0)
        os.dup2(connection.fileno(), 1)
        connection.close()
        listening.close()
        granted, missing = surroundings.inspect()
        supervisor.main(
            directory, granted, missing, limit_tasks=False, memory_mb=surroundings.memory_mb()
        )
    finally:
        os._exit(0)


def _watch(judge: int, connection: socket.socket, listening: socket.socket) -> None:
    """Return when the judge ends or its host closes the connection, even in the middle of a job."""
    end = os.pidfd_open(judge)
    poller = select.poll()
    poller.register(connection, select.POLLRDHUP)
    poller.register(end, select.POLLIN)
    poller.register(listening, select.POLLIN)
    try:
        while True:
            ready = {fd for fd, _ in poller.poll()}
            if ready & {end, connection.fileno()}:
                return
            listening.accept()[0].close()
    finally:
        os.close(end)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(f"prctl {option}")
