"""Slack: the renderer, the sender, and the app that takes commands, mentions and clicks.

The only place (beside the tests' and the console's Slack servers) that imports slack_bolt and slack_sdk.
"""
