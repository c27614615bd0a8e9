"""What of an organization the files manage, and what they do not: counted, and never read for its own sake."""
