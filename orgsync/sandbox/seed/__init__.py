"""A seed becomes a state: its shape, its checks, its rows."""
