"""The Activity Feed of an organization as data: who did what, and how far a reading of it reaches."""
