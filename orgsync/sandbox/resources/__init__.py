"""One module for each resource of the Admin API."""
