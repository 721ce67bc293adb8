"""The judge's entry: `main.run(MODE, DIRECTORY)`, inside a container or before a jail is made.

`main.run("listen", DIRECTORY, FOLDER)` serves on a socket in a folder, inside a container too.
"""

from __future__ import annotations

import sys

from .preload import preload


def run(mode: str, directory: str, sockets: str = "") -> None:
    """Serve jobs in a `container` that is wall enough, or in a `local` jail of its own making.

    To `listen` is to do what a container does, for one connection after the other.
    """
    # the directory of programs is no place to import from; before Python 3.11 it is the first
    sys.path[:] = [path for path in sys.path if path]
    sys.argv[:] = [""]
    preload()  # before all that imports what it prepares
    from . import jail, supervisor

    if mode == "container":
        supervisor.main(directory, [], [], limit_tasks=False)  # the container limits them
        return
    if mode == "listen":
        from . import listener

        listener.main(directory, sockets)
    inside = jail.enter(directory)
    supervisor.main(inside.directory, inside.granted, inside.missing, inside.own_user)
