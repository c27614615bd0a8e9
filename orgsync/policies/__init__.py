"""Key policies: what API keys have to be like, and what is done about those that are not."""
