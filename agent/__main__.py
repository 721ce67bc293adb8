"""The entry point of `codeloop COMMAND ...` and `python -m agent COMMAND ...`."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module

from agent.errors import ConfigError
from agent.support.command import BAD_USE, command, tune_process

VERBS = {
    "run": ("agent.run", "draft, test, repair and score the problems of a dataset"),
    "preflight": ("agent.commands.preflight", "try prompts and extractors on ten problems first"),
    "score": ("agent.score", "score a file of samples on the hidden tests: pass@k"),
    "sanitize": ("agent.sanitize", "read programs from raw answers, for score"),
    "patch": ("agent.commands.patch", "edit recorded samples until they pass the examples"),
    "select": ("agent.select", "choose among recorded samples, without a model"),
    "show": ("agent.show", "show a run, or the trace of one problem"),
    "report": ("agent.commands.report", "write the page of a run, to be opened from disk"),
    "watch": ("agent.commands.watch", "serve the page of a run while it goes on"),
    "audit": ("agent.audit", "check that no hidden test leaked into a run"),
    "examples": ("agent.examples", "print the docstring examples of a dataset"),
    "check-dataset": ("agent.commands.check_dataset", "check a dataset before it judges programs"),
    "export": ("agent.commands.export", "write a run in another format"),
    "plugins": ("agent.commands.plugins", "list the plug-ins of each kind"),
    "study": ("experiments.study", "run the arms of a study and compare them at equal cost"),
    "ablate": ("experiments.ablate", "the former name of study"),
    "compare": ("experiments.compare", "compare two runs on the same problems"),
    "analyse": (
        "experiments.analyse",
        "say what runs are good and bad at: categories, errors, ...",
    ),
    "losses": ("experiments.losses", "classify the unsolved problems of a run by cause"),
}
"""Each command with its module and description. The module is imported when the command runs."""


def main(argv: list[str] | None = None) -> int:
    """Run the command that the first argument names. Return its exit code, 2 if it is unknown."""
    return _dispatch(sys.argv[1:] if argv is None else argv)


@command("codeloop")
def _dispatch(words: list[str]) -> int:
    if words[:1] == ["--version"]:
        from agent import __version__

        print(f"codeloop {__version__}")
        return 0
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0 if words else BAD_USE
    verb, *rest = words
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=1)
        what = f"did you mean {near[0]}?" if near else f"choose from {', '.join(VERBS)}"
        raise ConfigError(f"unknown command {verb!r}; {what}")
    tune_process()
    code: int = import_module(VERBS[verb][0]).main(rest)
    return code


def usage() -> str:
    """Return the help text."""
    lines = [f"  {verb:<14}{words}" for verb, (_, words) in VERBS.items()]
    head = "usage: codeloop COMMAND [OPTIONS]\n\nCommands (options: `codeloop COMMAND --help`):\n"
    return "\n".join([head, *lines, "", "codeloop --version prints the version."])


if __name__ == "__main__":
    sys.exit(main())
