"""How orgsync gets onto a machine: what is pinned, what is optional, and what is said where something is missing."""
