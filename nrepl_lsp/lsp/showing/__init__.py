"""What evaluations leave in the editor, and where it stands while the text changes."""
