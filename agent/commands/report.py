"""`codeloop report RUN`: write the page of a run, also of one that is not finished."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.errors import ConfigError
from agent.support.command import command
from agent.support.options import CommandParser

NAME = "agent.commands.report"


@command(NAME)
def main(argv: list[str]) -> int:
    """Write report.html into the run folder, and print its path."""
    parser = CommandParser(NAME, "Write report.html, the page of a run, into its folder.")
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder, finished or not")
    parser.add_argument(
        "--price", metavar="IN,OUT", help="money for a million prompt tokens and answer tokens"
    )
    arguments = parser.parse_args(argv)
    price = None if arguments.price is None else _price(arguments.price)

    from agent.runner.page_files import write_page

    print(write_page(arguments.run, price))
    return 0


def _price(text: str) -> tuple[float, float]:
    try:
        first, second = map(float, text.split(","))
    except ValueError:
        first = second = -1.0
    if not (0 <= first < float("inf") and 0 <= second < float("inf")):
        raise ConfigError(f"price: {text!r} must be two numbers, such as 0.10,0.40")
    return first, second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
