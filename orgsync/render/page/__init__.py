"""What every renderer is made of: pages, names and values as text, Markdown and chat."""
