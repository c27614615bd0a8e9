"""A drift report as text, Markdown, JSON and notifications."""
