"""What an apply may do, what it did, and how it is taken back; the lines of its journal."""
