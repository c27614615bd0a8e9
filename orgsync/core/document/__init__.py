"""From files to what is desired: the settings, the sections, their schema, and the way back by `export`."""
