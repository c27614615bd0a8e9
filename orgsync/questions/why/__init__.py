"""Chains of checks: what has to hold for a key to work, a person to get in, a request to pass, a line to be so."""
