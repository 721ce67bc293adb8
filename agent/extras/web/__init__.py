"""The parts that need a web server: the extra `web`."""
