"""The Activity Feed: who did what in the organization, and the endpoint of the Compliance API that shows it."""
