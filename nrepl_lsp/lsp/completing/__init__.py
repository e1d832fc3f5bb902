"""What could stand at the cursor, from the program and from the text."""
