"""The judge's entry point: `main.run(MODE, DIRECTORY)`, in a container or to make a jail.

`main.run("listen", DIRECTORY, FOLDER)` serves on a socket in a folder, also in a container.
"""

from __future__ import annotations

import sys

from .preload import preload


def run(mode: str, directory: str, sockets: str = "") -> None:
    """Serve jobs: in a `container`, which isolates enough, or in a `local` jail made here.

    With `listen`, serve one connection after the other, each as in a container.
    """
    # do not import from the programs' directory, which before Python 3.11 is first in the path
    sys.path[:] = [path for path in sys.path if path]
    sys.argv[:] = [""]
    preload()  # before the modules that import what it prepares
    from . import jail, supervisor

    if mode == "container":
        supervisor.main(directory, [], [], limit_tasks=False)  # the container limits their number
        return
    if mode == "listen":
        from . import listener

        listener.main(directory, sockets)
    inside = jail.enter(directory)
    supervisor.main(
        inside.directory, inside.granted, inside.missing, inside.own_user, proc=inside.proc
    )
