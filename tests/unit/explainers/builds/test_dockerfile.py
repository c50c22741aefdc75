"""The reader of Dockerfiles, and what it takes to need BuildKit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.builds.dockerfile import Need, needs_buildkit, read

PLAIN = """\
# A comment
# escape is only a directive at the top: # escape=`
ARG VERSION=1.36
FROM busybox:${VERSION} AS base
ENV A=1 \\
    # a comment inside

    B=2
RUN echo "<<EOF" && \\
    echo $((1<<2)) <<<word
COPY --chown=1:1 --from=base /a /b
ADD --chown=1:1 https://example.com/x.tgz /x
RUN ["sh", "-c", "cat <<EOF"]
LABEL a="--mount=x"
CMD ["--chmod"]
"""


def test_instructions_have_their_lines_and_joined_text() -> None:
    instructions = read(PLAIN).instructions
    assert [(one.line, one.name) for one in instructions[:4]] == [(3, "ARG"), (4, "FROM"), (5, "ENV"), (9, "RUN")]
    assert instructions[2].text.split() == ["A=1", "B=2"]
    copy = instructions[4]
    assert (copy.line, copy.flags, copy.text) == (11, ("--chown=1:1", "--from=base"), "/a /b")
    assert (copy.flag("from"), copy.flag("chmod")) == ("base", None)


def test_a_heredoc_is_not_read_as_instructions() -> None:
    text = "FROM x\nRUN <<-'ONE' cat && <<TWO cat\n\tCOPY --chmod=1 a b\n\tONE\nRUN no\nTWO\nUSER me\n"
    instructions = read(text).instructions
    assert [(one.line, one.name) for one in instructions] == [(1, "FROM"), (2, "RUN"), (7, "USER")]
    assert instructions[1].heredocs == ("-ONE", "TWO")


def test_the_escape_directive_changes_what_continues_a_line() -> None:
    text = "# escape=`\nFROM x\nCOPY a c:\\\nRUN one `\n two\n"
    assert [(one.line, one.name, one.text) for one in read(text).instructions] == [
        (2, "FROM", "x"),
        (3, "COPY", "a c:\\"),
        (4, "RUN", "one  two"),
    ]


def test_directives_stop_at_the_first_other_line() -> None:
    assert read("# syntax=a\n# check=skip=all\nFROM x").directives == {"syntax": (1, "a"), "check": (2, "skip=all")}
    assert read("\n# syntax=a\nFROM x").directives == {}
    assert read("# hello\n# syntax=a\nFROM x").directives == {}
    assert read("\ufeff#SYNTAX = a\r\nFROM x\r\n").directives == {"syntax": (1, "a")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        "FROM x\n# RUN --mount=type=cache,target=/a true\n",
        "FROM x\nRUN echo --mount=type=cache\n",
        "FROM x\nCOPY a --chmod=1\n",
        "FROM --platform=linux/amd64 x\n",
        "ARG TARGETPLATFORM=linux/amd64\nFROM --platform=$TARGETPLATFORM x\n",
        "FROM x\nHEALTHCHECK --interval=5s CMD true\n",
        "FROM x\nENV A=${B:-c} D=${E:+f}\n",
        "FROM x\nRUN echo ${A#b}\n",
        "FROM x\nADD https://example.com/a.git.tgz /x\n",
        "FROM x\nRUN a \\\n",
        "FROM x\nRUN",
        "ONBUILD",
        "FROM x\nRUN cat <<\n",
    ],
)
def test_the_classic_builder_is_enough(text: str) -> None:
    assert needs_buildkit(text) is None


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("# syntax=docker/dockerfile:1\nFROM x", Need(1, "the directive syntax=docker/dockerfile:1")),
        ("FROM x\nRUN --mount=type=cache,target=/a true", Need(2, "RUN --mount")),
        ("FROM x\nrun \\\n  --network=none true", Need(2, "RUN --network")),
        ("FROM x\nRUN --security=insecure true", Need(2, "RUN --security")),
        ("FROM x\nCOPY --chown=1:1 --chmod=755 a b", Need(2, "COPY --chmod")),
        ("FROM x\nADD --chmod=755 a b", Need(2, "ADD --chmod")),
        ("FROM x\nCOPY --link a b", Need(2, "COPY --link")),
        ("FROM x\nCOPY --parents a b", Need(2, "COPY --parents")),
        ("FROM x\nCOPY --exclude=*.md a b", Need(2, "COPY --exclude")),
        ("FROM x\nADD --checksum=sha256:0 https://a/b c", Need(2, "ADD --checksum")),
        ("FROM x\n\nRUN <<EOF\ntrue\nEOF\n", Need(3, "the heredoc <<EOF of RUN")),
        ("FROM x\nCOPY <<a /b\ntext\na\n", Need(2, "the heredoc <<a of COPY")),
        ("FROM x\nONBUILD RUN <<EOF\nEOF\n", Need(2, "the heredoc <<EOF of ONBUILD")),
        ("FROM x\nADD https://github.com/o/r.git#main /r", Need(2, "ADD of a git repository")),
        ("FROM x\nADD git@github.com:o/r.git /r", Need(2, "ADD of a git repository")),
        (
            "FROM --platform=$BUILDPLATFORM x",
            Need(1, "FROM --platform=$BUILDPLATFORM, an argument that nobody sets,"),
        ),
        ("FROM x\nENV A=${B#c}", Need(2, "the substitution ${B#…} in ENV")),
    ],
)
def test_buildkit_is_needed(text: str, need: Need) -> None:
    assert needs_buildkit(text) == need
    assert needs_buildkit("\ufeff" + text.replace("\n", "\r\n")) == need
    assert f"line {need.line}: " in str(need)


def test_a_huge_dockerfile_is_read_in_a_moment() -> None:
    assert needs_buildkit("FROM x\n" + 'RUN echo "' * 200_000) is None
    assert needs_buildkit("RUN " + "a\\\n" * 300_000 + "b\nRUN --mount=x y") == Need(300_002, "RUN --mount")


@given(st.text(alphabet=st.sampled_from(list("FROMRUNcopy <<-'\"\\`#=\n\r\t$({}E")), max_size=80))
def test_any_text_is_read(text: str) -> None:
    dockerfile = read(text)
    lines = [one.line for one in dockerfile.instructions]
    assert lines == sorted(set(lines))
    needs_buildkit(text)
