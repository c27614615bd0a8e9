"""Access reviews: who had which access at one moment, what people decided about it, and what came of that."""
