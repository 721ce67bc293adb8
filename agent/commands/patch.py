"""`codeloop patch SAMPLES --out FILE`: patches of recorded samples, without a model."""

from __future__ import annotations

import asyncio
import json
import sys

from agent.support.command import command, out_file, progress_line

NAME = "agent.commands.patch"


@command(NAME)
def main(argv: list[str]) -> int:
    """Search for patches, write the samples with them, and print the figures."""
    from agent.errors import ConfigError
    from agent.evaluation.settings import PatchConfig
    from agent.runner.patching import patch_samples
    from agent.settings import parse
    from agent.support.files import dump_lines, write_atomically

    config = parse(PatchConfig, argv, NAME)
    if (out := out_file(config.out)) is None:
        raise ConfigError("out: missing; give --out FILE for the samples with their patches")
    found = asyncio.run(patch_samples(config, progress_line("problems")))
    write_atomically(out, dump_lines(line for problem in found for line in problem.lines()))
    patched = [problem for problem in found if problem.patches]
    weak = [problem for problem in patched if any(one.is_weak_patch for one in problem.patches)]
    figures = {
        "problems": len(found),
        "searched": sum(problem.searched for problem in found),
        "patched": len(patched),
        "weak": len(weak),
        "patches": sum(len(problem.patches) for problem in found),
        "variants": sum(problem.variants for problem in found),
        "cpu_seconds": round(sum(problem.seconds for problem in found), 1),
    }
    if config.as_json:
        print(json.dumps(figures))
        return 0
    print(
        f"{figures['searched']} of {figures['problems']} problems searched, {figures['patched']} "
        f"patched ({figures['weak']} weakly) by {figures['patches']} patches"
    )
    print(f"{figures['variants']:,} variants, {figures['cpu_seconds']} s of CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
