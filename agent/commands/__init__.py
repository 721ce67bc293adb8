"""Commands of `codeloop` that are not modules at the top level of `agent`."""
