"""Who follows evaluations as they go: log, transcript, progress, input, plugins."""
