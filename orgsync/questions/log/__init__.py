"""What happened to an organization: receipts, commits, drift reports and activities as one line of time."""
