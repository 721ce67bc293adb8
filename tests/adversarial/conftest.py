"""The corpus runs on the very backends of the sandbox's own tests."""

from tests.sandbox.conftest import box

__all__ = ["box"]  # a fixture is found by name in a conftest, so this import is its use
