"""Studies: arms, their comparison at equal cost, and the tables, plots and page of the results."""
