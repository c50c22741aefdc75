"""Text of a cluster cannot mention, link or format by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.mrkdwn import code_block, cut, link, mrkdwn, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see `a<b>&c`", "see `a&lt;b&gt;&amp;c`"),
        ("<!channel> & co", "&lt;!channel&gt; &amp; co"),
        ("a *bold* claim", "a *\u200bbold* claim"),
        ("one ` alone", "one ' alone"),
        ("`a` and ` alone", "`a` and ' alone"),
        ("my_app_name and 2*3", "my_app_name and 2*3"),
        ("bell\x07", "bell"),
    ],
)
def test_mrkdwn(text: str, shown: str) -> None:
    assert mrkdwn(text) == shown


@given(st.text())
def test_nothing_from_outside_mentions_anybody(text: str) -> None:
    for shown in (mrkdwn(text), plain(text), code_block(text)):
        assert "<" not in shown
        assert ">" not in shown


def test_code_cannot_end_its_block() -> None:
    assert code_block("a```b").count("```") == 2


def test_links() -> None:
    assert link("DNS & co", "https://x.example/a?b=1&c") == "<https://x.example/a?b=1&amp;c|DNS &amp; co>"
    assert link("bad", "javascript:x") == "bad javascript:x"


@given(st.text(alphabet="a&<", max_size=60), st.integers(8, 30))
def test_a_cut_breaks_no_escape(text: str, limit: int) -> None:
    short = cut(mrkdwn(text), limit)
    assert len(short) <= limit
    rest = short.rstrip("…").replace("&amp;", "").replace("&lt;", "")
    assert "&" not in rest
