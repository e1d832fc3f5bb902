"""What a program has of a text, and what it has not."""
