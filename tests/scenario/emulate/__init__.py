"""The whole bot with an independent Slack: npm's `emulate`."""
