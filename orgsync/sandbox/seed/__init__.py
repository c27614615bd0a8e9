"""A seed becomes a state: its shape, the ids of its rows, what contradicts in it."""
