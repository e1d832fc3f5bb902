"""Where names are defined, used, called and implemented."""
