"""The option parser of all commands."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import NoReturn

from agent.errors import ConfigError
from agent.support.command import program


class CommandParser(argparse.ArgumentParser):
    """An option parser that reports an error as one line, with the option that is most similar.

    Options cannot be abbreviated: a new option could change the meaning of an abbreviation.
    """

    def __init__(self, module: str, description: str | None, usage: str | None = None):
        """Make the parser of a module's command; `usage` replaces the list of options."""
        name = program(module)
        super().__init__(
            prog=name,
            usage=None if usage is None else f"{name} {usage}".strip(),
            description=description,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError, with the most similar option if argparse does not know one."""
        _, is_unknown, unknown = message.partition("unrecognized arguments:")
        if is_unknown:
            raise ConfigError(self._unknown((unknown.split() or ["''"])[0]))
        raise ConfigError(message.removeprefix("argument "))

    def _unknown(self, argument: str) -> str:
        name = argument.partition("=")[0]
        if not name.startswith("-"):
            return f"{name}: unexpected; {self.prog} --help lists the arguments"
        options = sorted(set(re.findall(r"(?<![\w-])--?[a-z][\w.-]*", self.format_help())))
        near = [one for one in difflib.get_close_matches(name, options, n=2) if one != name]
        hint = f"did you mean {near[0]}?" if near else f"{self.prog} --help lists the options"
        return f"{name}: unknown option; {hint}"
