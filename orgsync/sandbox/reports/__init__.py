"""Usage and cost, and the reports that are made of them."""
