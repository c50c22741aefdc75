"""Unit tests of bot.broker."""
