"""One module for each command: it reads the command line, calls, prints and exits."""
