"""Reads of an organization kept in a file, so that a plan needs no credential."""
