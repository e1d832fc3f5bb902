"""Tests: which are meant, running them, and where they failed."""
