"""Small shared state with expiry: Redis, or the same code over fakeredis inside the process."""
