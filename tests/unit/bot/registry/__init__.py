"""Unit tests of bot.registry."""
