"""Image registries over HTTP: what is there, and whether a push would be let in."""
