"""Your Claude Console organization as code."""

__version__ = "0.1.0"
