"""The options that a command makes of its settings, and how their texts are read."""

from __future__ import annotations

import argparse
import ast
import csv
import inspect
import itertools
import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

POSITIONAL = "positional"
"""Mark, in an Annotated type, of a setting that a command takes without an option's name."""


def add_options(
    parser: argparse.ArgumentParser,
    kind: type[BaseModel],
    defaults: BaseModel | None = None,
    prefix: str = "",
) -> None:
    """Add an option for each setting, and a group of options for each section within.

    For a section within, `prefix` is its name, and `defaults` are its values, which are only shown.
    """
    group = parser.add_argument_group(f"{prefix[:-1]} options") if prefix else parser
    texts = _texts_below_settings(kind)
    for name, field in kind.model_fields.items():
        default = field.get_default() if defaults is None else getattr(defaults, name)
        path = prefix + (field.alias or name)
        section = section_of(field)
        if section is not None:
            add_options(parser, section, default, f"{path}.")
        elif POSITIONAL in field.metadata:
            group.add_argument(path, metavar=path.upper(), help=texts.get(name))
        else:
            option = f"-{path}" if len(path) == 1 else f"--{path.replace('_', '-')}"
            note = " (required)" if field.is_required() else _readable(default)
            text = texts.get(name, "") + note
            group.add_argument(
                option, dest=path, default=argparse.SUPPRESS, help=text, **_form(field)
            )


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the class of a setting that is a section of settings, else None."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def reader_of(field: FieldInfo) -> Callable[[str], Any]:
    """Return a function that reads a setting's text: `A,B` or JSON for several values.

    It leaves other texts as they are, for pydantic, except `None` if the setting may be without a
    value. Raises argparse.ArgumentTypeError if several values cannot be read.
    """
    types = _types(field.annotation)
    if get_origin(types[0]) is tuple:
        return _read_several
    return lambda text: None if text == "None" and type(None) in types else text


def _read_several(text: str) -> list[Any]:
    if not text.startswith("["):
        return next(csv.reader([text], skipinitialspace=True), [])
    try:
        return list(json.loads(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a JSON list: {error}") from None


def _form(field: FieldInfo) -> dict[str, Any]:
    """Return how argparse reads an option, and the form of its value in the help text."""
    kind = _types(field.annotation)[0]
    if kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    action, metavar = "store", _METAVARS.get(kind, "TEXT")
    if get_origin(kind) is Literal:
        metavar = f"{{{','.join(get_args(kind))}}}"
    elif get_origin(kind) is tuple:
        one = _METAVARS.get(_types(get_args(kind)[0])[0], "A")
        action, metavar = "extend", "N,N" if one == "N" else "A,B"
    return {"action": action, "type": reader_of(field), "metavar": metavar}


def _types(annotation: Any) -> list[Any]:
    """Return the types that a setting may have, without their limits."""
    if get_origin(annotation) is Annotated:
        return _types(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for one in get_args(annotation) for kind in _types(one)]
    return [annotation]


_METAVARS: dict[Any, str] = {str: "TEXT", Path: "PATH", int: "N", float: "NUMBER"}
"""Names of values in help texts, by the types of settings."""


def _texts_below_settings(kind: type[BaseModel]) -> dict[str, str]:
    """Return the text below each setting of a class and its bases, for argparse.

    Pydantic's `use_attribute_docstrings` takes ten times as long, in every start.
    """
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__[: kind.__mro__.index(BaseModel)]):
        body = _classes(one.__module__).get(one.__name__, [])
        for setting, below in itertools.pairwise(body):
            match setting, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = inspect.cleandoc(text).replace("%", "%%")
    return found


@cache
def _classes(module: str) -> dict[str, list[ast.stmt]]:
    """Return the statements of each class of a module; none for a module without source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def _readable(default: Any) -> str:
    """Return a default as a user types it; "" if there is none, or for a flag that is off."""
    if default is None or default is False or default in ("", ()):
        return ""
    values = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
    return f" (default: {'on' if default is True else values.replace('%', '%%')})"
