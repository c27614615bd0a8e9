"""What a question does: it reads what it needs, and no more, and answers."""
