"""GitHub, or a GitHub Enterprise Server, by PyGithub: the only place that imports it."""
