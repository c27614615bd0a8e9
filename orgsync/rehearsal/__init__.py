"""Applies a plan to an organization in memory, again and again, and lets one thing go wrong each time."""
