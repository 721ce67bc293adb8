"""The judge's entry point: `main.run("container", DIRECTORY)`, or `"local"` to make a jail.

`main.run("listen", DIRECTORY, FOLDER)` serves on a socket in a folder, also in a container.
"""

from __future__ import annotations

import os
import sys

from .preload import preload


def run(mode: str, directory: str, folder: str = "") -> None:
    """Serve jobs: in a `container`, which isolates enough, or in a `local` jail made here.

    With `listen`, serve one connection after the other, each as in a container. `folder` is that of
    the sockets then, and for `local` the folder of links that modules are imported from.
    """
    # do not import from the programs' directory, which before Python 3.11 is first in the path
    sys.path[:] = [path for path in sys.path if path]
    sys.argv[:] = [""]
    preload()  # before the modules that import what it prepares
    from . import frames, jail, library, supervisor

    if mode == "container":
        supervisor.main(directory, [], [], limit_tasks=False)  # the container limits their number
        return
    if mode == "listen":
        from . import listener

        listener.main(directory, folder)
    inside = jail.enter(directory, folder)
    pid = os.fork()
    if pid == 0:
        os._exit(not library.is_importable())
    if os.waitpid(pid, 0)[1] != 0:
        frames.write(1, {"error": f"programs could not read the library of {sys.base_prefix}"})
        return
    supervisor.main(
        inside.directory, inside.granted, inside.missing, inside.own_user, proc=inside.proc
    )
