"""A faithful local emulator of the Admin API; it shares no code with the client side of orgsync."""
