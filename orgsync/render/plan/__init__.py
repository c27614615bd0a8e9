"""A plan as text, Markdown, JSON, SARIF, annotations and comments."""
