"""The data folders `prompts/` and `configs/`, in a checkout or in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
ROOT = _PACKAGE.parent
"""Root of the checkout, or the folder in which the package is installed."""


def config_file(path: Path) -> Path:
    """Return the path of a settings file. `configs/...` also refers to the packaged files."""
    if path.exists() or path.parts[:1] != ("configs",):
        return path
    packed = data_folder("configs").joinpath(*path.parts[1:])
    return packed if packed.exists() else path


def data_folder(name: str) -> Path:
    """Return the folder `prompts` or `configs`: the wheel's `agent/_data/NAME`, else ROOT/NAME."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else ROOT / name
