"""The same code written otherwise."""
