"""A strict local Slack, so that the whole bot can be tried without a Slack account.

One server on 127.0.0.1 plays Slack's part towards the bot (Web API, signed requests, Socket Mode) and shows a page
where people type, click and read. It is a second judge on purpose: it shares no renderer, no validator and no Slack
library with the bot, and its limits are written from Slack's documentation (`bot.console.limits`).

`bot.console.server.Console` is the only name to use from outside.
"""
