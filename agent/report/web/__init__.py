"""Pages for people: a run as one HTML file that opens from disk and asks nothing of the network."""

PAGE = "report.html"
"""File of the page, in the run folder."""
