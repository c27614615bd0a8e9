"""Commands beside the work with an organization: one module each."""
