"""Traces of failing calls, recorded inside the process of the program."""
