"""A plan held against what was there before it: other files, or a plan that was reviewed."""
