"""Who is let in: users of a file that changes while the broker runs."""

import os
from pathlib import Path

import pytest

from bot.osb.users import Users
from commands.base.errors import UsageError
from tests.unit.bot.osb.platforms import PASSWORD, USER, basic, users_file


def test_users_are_read_with_passwords_that_hold_colons(tmp_path: Path) -> None:
    users = Users(users_file(tmp_path))
    assert users.who(basic(USER, PASSWORD)) == USER
    assert users.who(basic("other", "word")) == "other"
    assert users.who(basic(USER, "long")) == ""
    assert users.who(basic("# who may ask", "")) == ""


def test_passwords_rotate_while_it_runs(tmp_path: Path) -> None:
    path = users_file(tmp_path)
    users = Users(path, look_every=0)
    path.write_text(f"{USER}:old\n{USER}:new\n", encoding="utf-8")
    assert [users.who(basic(USER, word)) for word in ("old", "new", PASSWORD)] == [USER, USER, ""]
    path.write_text(f"{USER}:new\n", encoding="utf-8")
    assert [users.who(basic(USER, word)) for word in ("old", "new")] == ["", USER]


def test_a_new_password_counts_at_once_however_seldom_it_looks(tmp_path: Path) -> None:
    path = users_file(tmp_path)
    users = Users(path, look_every=3600)
    path.write_text(f"{USER}:new\n", encoding="utf-8")
    assert [users.who(basic(USER, word)) for word in (PASSWORD, "new", PASSWORD)] == [USER, USER, ""]


def test_as_kubernetes_renews_what_it_mounts(tmp_path: Path) -> None:
    """The file is a link to one in a folder that another takes the place of."""
    for name, word in (("first", "old"), ("second", "new")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "users").write_text(f"{USER}:{word}", encoding="utf-8")
        os.utime(tmp_path / name / "users", (1, 1))
    link = tmp_path / "data"
    link.symlink_to("first")
    users = Users(link / "users", look_every=0)
    (tmp_path / "next").symlink_to("second")
    (tmp_path / "next").replace(link)
    assert [users.who(basic(USER, word)) for word in ("old", "new")] == ["", USER]


def test_while_the_file_is_away_nobody_is_let_in(tmp_path: Path) -> None:
    path = users_file(tmp_path)
    users = Users(path, look_every=0)
    held = path.read_bytes()
    path.unlink()
    assert users.who(basic()) == ""
    path.write_bytes(held)
    assert users.who(basic()) == USER


def test_lines_that_are_wrong_let_nobody_in_and_leave_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "users"
    path.write_bytes(b"nocolon-canary\n:canary\ncanary:\n\xff\xfe:bytes\ngood:one\r\n")
    users = Users(path)
    assert users.who(basic("good", "one")) == "good"
    assert [
        users.who(basic(user, word)) for user, word in (("nocolon-canary", ""), ("", "canary"), ("canary", ""))
    ] == [
        "",
        "",
        "",
    ]
    assert "canary" not in caplog.text


@pytest.mark.parametrize("text", ["", "# nobody\n", "user\n"])
def test_a_file_without_users_is_a_wrong_setting(tmp_path: Path, text: str) -> None:
    path = tmp_path / "users"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="names no user") as error:
        Users(path)
    assert "user:password" in error.value.hint
