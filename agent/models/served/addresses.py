"""Base URLs: those that may be meant by a wrong one."""

from __future__ import annotations

from urllib.parse import urlsplit

_ENDPOINTS = ("/completions", "/chat", "/models")


def other_base_urls(url: str) -> list[str]:
    """Return the base URLs that the user may have meant: without an endpoint, or with /v1."""
    base = url
    for endpoint in _ENDPOINTS:
        base = base.removesuffix(endpoint)
    parts = urlsplit(url)
    found = [base] if base.endswith("/v1") else [base, f"{base}/v1"]
    found.append(f"{parts.scheme}://{parts.netloc}/v1")
    return [other for other in dict.fromkeys(found) if other != url]


def advice_on(url: str) -> str:
    """Return a text to end a message with, if a base URL does not look like one; else ""."""
    if url.endswith("/v1"):
        return ""
    return f"; is {url} the base URL of a model server? Most end in /v1"
