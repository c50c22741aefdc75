"""Durable jobs: Dramatiq on Redis, so that a request outlives the process that works on it."""
