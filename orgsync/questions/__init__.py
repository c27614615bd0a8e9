"""What people ask of an organization, answered from what was observed, the files and their history. Pure."""
