"""What talks to the organization: reads everything once, and makes the changes of a plan."""
