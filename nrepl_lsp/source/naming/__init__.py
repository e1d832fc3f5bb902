"""What names mean: what a text brings in, and what a place in it is about."""
