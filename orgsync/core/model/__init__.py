"""The nouns of orgsync: kinds, things, changes, requests, rows, and what was seen of an organization."""
