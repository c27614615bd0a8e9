"""What people and programs see: pure functions from data to text."""
