"""What is said about names: hovers, documentation, signatures."""
