"""Real editors, driven as a person drives them, against real nREPL servers: docs/editors.md."""
