"""Programs that try to get a verdict they did not earn, and honest programs that look odd."""
