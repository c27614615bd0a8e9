"""The emulator, judged by the official SDK and by the rules of the Admin API."""
