"""What a text defines."""
