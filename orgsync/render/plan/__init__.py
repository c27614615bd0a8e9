"""A plan as text, Markdown, JSON, annotations and comments."""
