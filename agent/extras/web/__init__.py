"""What needs a web server: the extra `web`."""
