"""Credentials that people gave: encrypted at rest, the key apart from them, never shown again."""
