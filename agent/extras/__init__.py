"""Optional parts: each folder uses the public faces of `agent` and `sandbox` and nothing else."""
