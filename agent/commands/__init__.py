"""Commands behind `codeloop VERB`, beside those that stay at the top."""
