"""Optional parts. Each folder uses only the public interfaces of `agent` and `sandbox`."""
