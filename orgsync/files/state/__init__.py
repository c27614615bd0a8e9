"""The files orgsync writes: plans, snapshots, reports, the journal, attestations, locks."""
