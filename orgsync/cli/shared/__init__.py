"""What several commands need: options, a client, output, progress."""
