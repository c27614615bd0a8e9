"""What each command does, as plain functions: values in, values out, no terminal. The library is made of these."""
