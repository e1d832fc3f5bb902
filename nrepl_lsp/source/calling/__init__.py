"""Which call a place is in, and how functions are called."""
