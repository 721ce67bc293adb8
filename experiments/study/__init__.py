"""Studies: arms, their comparison at equal cost, tables, plots and a page."""
