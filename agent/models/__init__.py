"""Model backends. One protocol (`base.Model`), one file a backend."""
