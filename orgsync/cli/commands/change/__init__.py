"""Commands that change the organization, and what comes before and after: one module each."""
