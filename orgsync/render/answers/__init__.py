"""An answer to a question: text, Markdown, CSV and JSON."""
