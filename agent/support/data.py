"""The data that come along: `prompts/` and `configs/`, at the root of a checkout or in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
ROOT = _PACKAGE.parent
"""Root of the checkout, or the folder that the package is installed in."""


def config_file(path: Path) -> Path:
    """Return a file of settings. `configs/...` is found from any folder, if it is not here."""
    if path.exists() or path.parts[:1] != ("configs",):
        return path
    packed = data_folder("configs").joinpath(*path.parts[1:])
    return packed if packed.exists() else path


def data_folder(name: str) -> Path:
    """Return the folder `prompts` or `configs`: the wheel's `agent/_data/NAME`, or the root's."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else ROOT / name
