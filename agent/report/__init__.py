"""What a run says of itself: figures, the closing table, report.md, and the views of traces.

Nothing is imported here: the terminal needs rich, and `report.md` does not.
"""
