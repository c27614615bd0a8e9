"""Values and texts that know nothing of organizations: addresses, days, sources, problems."""
