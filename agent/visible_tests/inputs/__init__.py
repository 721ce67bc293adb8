"""Calls of the entry point without values, which programs are compared on."""
