"""What differs between files and organization, told apart from one day to the next."""
