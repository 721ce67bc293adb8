"""Reading text that a model or a benchmark wrote: source, statements, fences, blocks, calls."""
