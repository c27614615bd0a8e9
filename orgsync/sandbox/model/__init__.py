"""What a resource is: its endpoints, its table, its rows in a seed, and what a rehearsal has to know about it."""
