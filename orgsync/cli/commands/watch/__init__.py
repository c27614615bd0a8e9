"""Commands that look at the organization and keep what they saw: one module each."""
