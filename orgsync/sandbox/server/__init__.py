"""The emulator as a server: the application, its routes, faults, read lag."""
