"""What orgsync knows and decides, without asking, reading or writing anything."""
