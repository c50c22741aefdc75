"""`.dockerignore`: the cases of Go's path matching and of Docker's documentation, and no pattern that is slow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.source.ignore import Ignore
from commands.base.errors import UsageError

MATCHES = """
**               file
**               dir/file
**/              dir/file
**/**            dir/file
dir/**           dir/dir2/file
**/dir           dir/file
**/dir2/*        dir/dir2/file
**/dir2/**       dir/dir2/dir3/file
**file           dir/myfile
**/file*txt      dir/dir/file.txt
**/file*.txt*    dir/dir/file.txt
**/**/*.txt      file.txt
**/*.txt         a/b/c.txt
**/a*b           q/ax/ab
a**/*.txt        a/dir/dir/file.txt
a**/*.txt        abc/file.txt
a*b**/c          abxbc
a*b**/c          ab/x/c
a/*.txt**        a/file.txt
a[b-d]e          ace
a[^b-d]e         aze
.*               .foo
abc?def          abcZdef
a?b              a☺b
[a-ζ]*           α
[\\]a]           ]
[x\\-]           -
a\\*b            a*b
a*b*c*d*e*/f     axbxcxdxexxx/f
a*b?c*x          abxbbxdbxebxczzx
a(b)c/def        a(b)c/def
a.|)$(}+{bc      a.|)$(}+{bc
/docs/           docs/a
./docs           docs/a
docs/../x        x
""".replace("\\\\", "\\")

DIFFERS = """
**/**/*.txt2     dir/dir/file.txt
a/*.txt          a/dir/file.txt
a[b-d]e          aae
abc.def          abcZdef
abc/**           abc
**/.foo          bar.foo
*/b              a/c/b2
a*b*c*d*e*/f     axbxcxdxe/xxx/f
a*b?c*x          abxbbxdbxebxczzy
a?b              a/b
a*b              a/b
*[a-ζ]           A
a[^b]c           a/c
.                a
""".strip()


def _cases(table: str) -> list[tuple[str, str]]:
    return [(pattern, path) for pattern, path in (line.split() for line in table.strip().splitlines())]


@pytest.mark.parametrize(("pattern", "path"), _cases(MATCHES))
def test_a_pattern_that_matches(pattern: str, path: str) -> None:
    assert Ignore(pattern).ignores(path)


@pytest.mark.parametrize(("pattern", "path"), _cases(DIFFERS))
def test_a_pattern_that_does_not(pattern: str, path: str) -> None:
    assert not Ignore(pattern).ignores(path)


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("docs\n!docs/README.md", "docs/README.md", False),
        ("docs\n!docs/README.md", "docs/other.md", True),
        ("!a.go\n*.go", "a.go", True),
        ("**\n!util/web", "util/web/foo", False),
        ("**\n!util/web\nutil/web/foo", "util/web/foo", True),
        ("# docs\n\n  # x", "docs", False),
        ("\ufeffdocs\r\n  !docs/a  \r\n", "docs/a", False),
    ],
)
def test_the_last_line_that_matches_wins(text: str, path: str, ignored: bool) -> None:
    assert Ignore(text).ignores(path) is ignored


@pytest.mark.parametrize("wrong", ["!", "[", "a[", "[]a]", "[-x]", "[z-a]", "x\\", "/".join(["**/a"] * 9), "[^"])
def test_a_wrong_line_is_named(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"^Line 2 of \.dockerignore"):
        Ignore(f"docs\n{wrong}")


@pytest.mark.parametrize("pattern", ["*a" * 40, "**/" + "*a*/**/" * 3 + "b", "[^b]*" * 30 + "c", "**a" * 4 + "*c"])
def test_no_pattern_takes_forever(pattern: str) -> None:
    """Tried gap by gap, each would take longer than any test may."""
    assert Ignore(pattern).ignores("a" * 500 + "/" + "a" * 500) is (pattern == "*a" * 40)
    assert not Ignore(pattern).ignores("a/" * 500 + "x")


def _by_definition(pattern: str, path: str) -> bool:
    """The expression that Docker's own matcher makes, whose gaps may be tried again and again."""
    plain = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    below = "(/.*)?"
    return re.fullmatch(plain.replace(r"\?", "[^/]") + below, path) is not None


@given(
    st.lists(st.sampled_from(["a", "b", "*", "?", "/", "/**/", "**/"]), min_size=1, max_size=8),
    st.text("ab/", min_size=1, max_size=12),
)
def test_it_agrees_with_the_definition(parts: list[str], path: str) -> None:
    pattern = re.sub(r"\*{3,}", "**", re.sub("/{2,}", "/", "".join(parts))).strip("/")
    pattern = re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*\*(?!/)", "*", pattern))
    clean = re.sub("/{2,}", "/", path).strip("/")
    if pattern and clean and pattern.count("**") <= 4:
        assert Ignore(pattern).ignores(clean) == _by_definition(pattern, clean)
