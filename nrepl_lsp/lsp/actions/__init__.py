"""What code actions offer: one file per provider."""
