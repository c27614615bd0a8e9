"""Messages to people, through Apprise; nothing else in the package knows it."""
