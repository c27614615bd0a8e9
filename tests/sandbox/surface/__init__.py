"""What of the Admin API the official SDK knows, read off its source: a dump that can be kept, and compared in words."""
