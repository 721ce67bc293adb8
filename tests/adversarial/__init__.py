"""Programs that reach for a verdict they did not earn, and honest ones that look odd."""
