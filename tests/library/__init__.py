"""The library as a program uses it: by the names that `orgsync` exports, and no other."""
