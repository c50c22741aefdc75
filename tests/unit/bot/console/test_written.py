"""What people type reaches the bot as Slack would send it."""

import pytest

from bot.console.workspace import Workspace
from bot.console.written import encode_mentions, encode_message


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("@tessera why", "<@U0TESSERA> why"),
        ("@nobody why", "@nobody why"),
        ("mail ana@shop", "mail ana@shop"),
        ("see #ops and #nothing", "see <#C0OPS|ops> and #nothing"),
        ("https://x.example/?a=1&b=2 ok", "<https://x.example/?a=1&amp;b=2> ok"),
        ("<@U0TESSERA> logs", "<@U0TESSERA> logs"),
        ("<https://x.example|x> y", "<https://x.example|x> y"),
        ("“quoted” — dash", "“quoted” — dash"),
    ],
)
def test_message(typed: str, sent: str) -> None:
    assert encode_message(Workspace(), typed) == sent


def test_command_that_wants_escaping() -> None:
    assert encode_mentions(Workspace(), "web @ana #shop") == "web <@U0ANA|ana> <#C0SHOP|shop>"
