"""Repositories as people write them."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.source.address import github_name, is_folder, parse_address
from bot.source.refs import parse_ref
from commands.base.errors import NotFound, UsageError


@pytest.mark.parametrize(
    ("written", "host", "path"),
    [
        ("https://github.com/org/repo", "github.com", "org/repo"),
        ("https://github.com/org/repo.git", "github.com", "org/repo"),
        ("https://GitLab.example.com:8443/group/sub/repo.git/", "gitlab.example.com:8443", "group/sub/repo"),
        ("https://dev.azure.com/org/My%20Project/_git/repo", "dev.azure.com", "org/My%20Project/_git/repo"),
        ("ssh://git@example.com:2222/~ana/repo", "example.com:2222", "~ana/repo"),
        ("git@github.com:org/repo.git", "github.com", "org/repo"),
        ("https://[::1]:3000/org/repo", "[::1]:3000", "org/repo"),
        (" org/repo ", "github.com", "org/repo"),
    ],
)
def test_the_forms_that_are_understood(written: str, host: str, path: str) -> None:
    found = parse_address(written)
    assert (found.host, found.path) == (host, path)


@pytest.mark.parametrize(
    "written",
    [
        "http://example.com/x",
        "git://example.com/x",
        "file:///etc",
        "/etc",
        "./x",
        "ssh://-oProxyCommand=id/x",
        "-x@host:path",
        "git@-host:path",
        "git@host:-path",
        "git@host:../path",
        "https://example.com/../x",
        "https://example.com/-x",
        "https://example.com",
        "https://exa mple.com/x",
        "https://example.com/x?y=1",
        "https://example.com/x#y",
        "https://example.com/x\ny",
        "org",
        "org/repo/more",
        "org/..",
        "org/.",
        "https://example.com/a/./b",
        "ext::sh -c id",
        "a::b/c",
        "🚀/x",
        "x" * 400,
    ],
)
def test_the_forms_that_are_not(written: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_address(written)
    assert "https://example.com/org/repo.git" in error.value.hint


@pytest.mark.parametrize("written", ["https://ana:hunter2@example.com/x", "https://hunter2@example.com/x"])
def test_a_login_in_the_address_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_address(written)
    assert "hunter2" not in error.value.message + error.value.hint
    assert "/connect" in error.value.hint


def test_folders_only_below_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "team/shop").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to("../outside")
    assert parse_address("team/shop", root).url == str(root / "team/shop")
    assert parse_address(f"file://{root}/team/shop", root).host == ""
    assert is_folder("team/shop", root)
    for written in ("link", "../outside", str(tmp_path / "outside"), str(root), "."):
        assert not is_folder(written, root)
        with pytest.raises((UsageError, NotFound)):
            parse_address(written, root)
    with pytest.raises(NotFound) as error:
        parse_address("taem", root)
    assert "team" in error.value.hint
    assert not is_folder("team/shop", None)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("org/repo", "org/repo"),
        ("https://github.com/org/repo.git", "org/repo"),
        ("git@github.com:org/repo.git", "org/repo"),
        ("ssh://git@github.com/org/repo", "org/repo"),
        ("https://gitlab.com/org/repo", ""),
        ("https://github.com/org/repo/tree/main", ""),
        ("ext::x", ""),
    ],
)
def test_what_is_at_github(written: str, name: str) -> None:
    assert github_name(written) == name


@given(st.text(max_size=40))
@example("--upload-pack=x")
@example("ext::sh -c id")
def test_whatever_is_written_never_is_an_option_or_a_helper(written: str) -> None:
    try:
        url = parse_address(written).url
    except UsageError:
        return
    assert url.isprintable()
    assert not url.startswith("-")
    assert "::" not in url or "[" in url
    assert " " not in url


@given(st.text(max_size=40))
def test_whatever_ref_is_written_is_one_word_that_git_takes_as_a_name(written: str) -> None:
    try:
        ref = parse_ref(written)
    except UsageError:
        return
    for full in ref.full if ref.name else []:
        assert full.startswith("refs/")
        assert full.split() == [full]
        assert not set(full) & set("~^:?*[\\\x7f")
        assert ".." not in full
