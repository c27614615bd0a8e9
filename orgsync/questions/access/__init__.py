"""Who can do what in which workspace, and why: people, keys and service accounts."""
