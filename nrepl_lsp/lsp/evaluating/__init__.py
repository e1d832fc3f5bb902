"""The user's code under way, and what comes of it."""
