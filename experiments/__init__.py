"""Studies over runs: they import the loop, and the loop never imports them."""
