"""Which API keys there are: how old, whose, how much used, and which policies they break."""

STATUSES = ("active", "inactive", "expired", "archived")
"""What a key can be."""
GROUPS = ("owner", "workspace", "policy")
"""By what keys can be grouped."""
