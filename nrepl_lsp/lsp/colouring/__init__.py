"""Semantic tokens, from what the running program has in its namespaces."""
