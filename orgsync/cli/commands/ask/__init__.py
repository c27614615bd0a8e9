"""Commands that answer a question about the organization and change nothing: one module each."""
