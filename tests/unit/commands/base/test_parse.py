"""What people type becomes arguments, or an error that shows the right form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.base.errors import UsageError
from commands.base.parse import one_target, parse

FORM = "/diagnose TARGET"


@pytest.mark.parametrize(
    ("text", "words", "namespace"),
    [
        ("web", ("web",), ""),
        ("web -n shop", ("web",), "shop"),
        ("-n shop deploy/web", ("deploy/web",), "shop"),
        ("web --namespace=shop", ("web",), "shop"),
        ('web "-n" shop', ("web",), "shop"),
        ("", (), ""),
    ],
)
def test_words_and_namespace(text: str, words: tuple[str, ...], namespace: str) -> None:
    found = parse(text, FORM)
    assert (found.words, found.namespace) == (words, namespace)


def test_options_take_values() -> None:
    found = parse("web --from other --as=checkout", FORM, ("--from", "--as"))
    assert found.option("--from") == "other"
    assert found.option("--as") == "checkout"
    assert found.option("--to") == ""


@pytest.mark.parametrize(
    "text", ["web -n", "web --frob", 'web "open', "web -n Shop", "x" * 1001, "web -n ../x", "web -n .."]
)
def test_what_does_not_fit_is_answered_with_the_form(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(text, FORM)
    assert error.value.hint == FORM


@pytest.mark.parametrize("text", ["", "web api", "WEB", "svc/", "..", "svc/-web", "svc/We_b", "<script>", "ü"])
def test_one_target_wants_exactly_one_name(text: str) -> None:
    with pytest.raises(UsageError):
        one_target(parse(text, FORM), FORM)


def mistake(text: str) -> UsageError | None:
    """What is wrong with a text, if anything."""
    try:
        one_target(parse(text, FORM, ("--from",)), FORM)
    except UsageError as error:
        return error
    return None


@pytest.mark.parametrize("option", ["--from 'a b'", "--from a/b", "--from ..", "--as 'a b'", "--as deploy/a/b"])
def test_names_in_options_are_judged_as_any_name(option: str) -> None:
    with pytest.raises(UsageError, match="cannot be the") as error:
        parse(f"web {option}", FORM, ("--from", "--as"))
    assert error.value.hint == FORM


def test_an_option_may_name_a_kind_or_hold_what_is_no_name() -> None:
    found = parse("web --as deploy/checkout --branch 'Feature/Log in'", FORM, ("--as", "--branch"))
    assert found.options == (("--as", "deploy/checkout"), ("--branch", "Feature/Log in"))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("DEPLOY/WEB", "deploy/web"), ("“web”", "web"), ("`web`", "web"), ("web,", "web"), ("/web", "web"),
        ("my_app", "my-app"), ("svc/Web", "svc/web"),
    ],
)  # fmt: skip
def test_a_name_with_something_around_it_gets_the_name(text: str, meant: str) -> None:
    error = mistake(text)
    assert error
    assert error.message.endswith(f"Did you mean `{meant}`?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * 300, "300 characters; a name in Kubernetes has at most 253"),
        ("a|b/web", "no KIND/NAME"),
        ("'<http://web|web>'", "`<http://web|web>`"),
        ("web db", "One target at a time: I read `web db`."),
        ("we_b!x", "dashes and dots"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(text: str, said: str) -> None:
    error = mistake(text)
    assert error
    assert said in error.message


@given(st.text(max_size=2000))
def test_any_text_parses_or_teaches(text: str) -> None:
    error = mistake(text)
    assert error is None or (error.message.isprintable() and error.hint == FORM)


def test_a_flag_takes_no_value() -> None:
    arguments = parse("web --tags 1.2", FORM, flags=("--tags",))
    assert arguments.flags == ("--tags",)
    assert arguments.words == ("web", "1.2")


def test_a_flag_of_another_command_is_refused() -> None:
    with pytest.raises(UsageError, match="--tags"):
        parse("web --tags", FORM)
