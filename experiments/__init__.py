"""Studies of runs. They import the loop; the loop does not import them."""
