"""The client for OpenAI-compatible servers."""
