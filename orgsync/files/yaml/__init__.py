"""The files people write: read with positions, from disk or from git, and written."""
