"""What the commands that answer a question share: their options, what they read, and how an answer is printed."""
