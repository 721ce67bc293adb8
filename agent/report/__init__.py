"""Reports of a run: figures, the closing table, report.md, and the views of traces.

This file imports nothing: the terminal views need rich, and report.md does not.
"""
