"""The terminal: the same commands and documents, as text."""
