"""From what is desired and what was seen to a plan: its changes, how far authority reaches, the guards."""
