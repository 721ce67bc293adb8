"""The wall times of a run: one per start, kept when a start is killed."""

from __future__ import annotations

import json
import time

from agent.errors import RunFolderError
from agent.runner.folder import RunFolder
from agent.support.files import dump_json

STARTS = "starts.json"


class Starts:
    """The seconds of each start of a run, in `starts.json`; the last start is this process."""

    def __init__(self, folder: RunFolder, began: float):
        """Add a start that began at `began`, a monotonic time.

        Raises RunFolderError if the file of former starts is broken.
        """
        self._folder, self._began = folder, began
        self._former = _former(folder)
        self.note()

    def note(self) -> tuple[float, ...]:
        """Write and return the seconds of all starts up to now."""
        seconds = (*self._former, round(time.monotonic() - self._began, 1))
        self._folder.write(STARTS, dump_json(seconds))
        return seconds


def _former(folder: RunFolder) -> tuple[float, ...]:
    """Return the seconds of former starts; without the file, those in the report, if any."""
    path = folder.path / STARTS
    if not path.exists():
        report = folder.report()
        return () if report is None else (report.starts or (report.seconds,))
    try:
        return tuple(float(seconds) for seconds in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RunFolderError(f"{path}: not a list of seconds: {error}") from None
