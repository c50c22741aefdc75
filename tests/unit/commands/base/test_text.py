"""Chat text becomes what the person typed, whatever Slack and phones made of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.base.text import MAX_TEXT, normalise, without_mention


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("diagnose\u00a0web   -n shop", "diagnose web -n shop"),
        ("“web”", '"web"'),
        ("web’s", "web's"),
        ("<http://shop.example|shop.example>", "shop.example"),
        ("<http://shop.example/x>", "http://shop.example/x"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<@U123|ada> <#C1|general> <!here>", "@U123 #general @here"),
        ("web —namespace shop", "web --namespace shop"),
        ("web —n shop", "web -n shop"),
        ("web –n shop", "web -n shop"),
        ("a—b", "a—b"),
        ("`web`", "web"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("we\u200bb\x00", "web"),
        ("  \n ", ""),
    ],
)
def test_normalise(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@given(st.text(max_size=4000))
def test_any_text_becomes_one_printable_line(text: str) -> None:
    result = normalise(text)
    assert len(result) <= MAX_TEXT
    assert "  " not in result
    assert result == result.strip()
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in result)


@given(st.text(alphabet=st.sampled_from("<>@#!|ahtp:/“—&; "), max_size=80))
def test_broken_mark_up_never_fails(text: str) -> None:
    assert isinstance(normalise(text), str)


def test_the_bots_own_mention_is_no_word() -> None:
    assert normalise(without_mention("<@UBOT> why", "UBOT")) == "why"
    assert normalise(without_mention("<@UBOT|tessera> why", "UBOT")) == "why"
