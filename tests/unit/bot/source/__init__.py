"""Unit tests of bot.source."""
