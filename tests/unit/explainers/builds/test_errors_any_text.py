"""Whatever was printed gets an answer, claims stand on a line of it, and no credential comes through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.builds.errors import explain
from explainers.builds.errors.output import lines_of
from explainers.builds.errors.secrets import masked
from explainers.builds.model import Phase
from tests.builds.captured import everything
from tests.madeup import made_up

CAPTURED = everything()
_REAL = sorted({line for one in CAPTURED for line in (*one.output.tail, one.output.error)})
_SPECIAL = st.sampled_from(
    [
        "\x1b[91m",
        "\r",
        "\0",
        "\n",
        "{",
        "}",
        "{0}",
        "%s",
        "error: ",
        "failed to push ",
        "Step 1/2 : ",
        " >>> ",
        "| >>> ",
        "#1 ERROR: ",
        "The command '' returned a non-zero code: 137",
        "x509: ",
        'process "" did not complete successfully: ',
        "unknown instruction: ",
        "dockerfile parse error line 99999999999999999999: ",
        "\u2028",
        "\ud800",
        "²",
    ]
)
_LINES = st.one_of(st.text(), st.sampled_from(_REAL), st.lists(_SPECIAL | st.text(max_size=20)).map("".join))


@made_up(400)
@given(st.sampled_from(Phase), _LINES, st.lists(_LINES, max_size=30), st.integers(), _LINES)
def test_any_text_gives_an_explanation_that_stands_on_a_line_of_it(
    phase: Phase, error: str, tail: list[str], code: int, dockerfile: str
) -> None:
    trouble = explain(phase, error, tail, code, dockerfile)
    assert trouble.headline
    assert trouble.advice
    lines = lines_of("\n".join([*tail, error]))
    assert any(trouble.line in line for line in lines)
    assert trouble.line or not any(line.strip() for line in lines) or trouble.kind == "unknown"


SECRETS = (
    "https://bob:hunter2secret@git.example.com/a.git",
    "https://hunter2secret@github.com/a.git",
    "ssh://bob:hunter2secret@git.example.com/a.git",
    "TOKEN=hunter2secret",
    "--password hunter2secret",
    "curl -u bob:hunter2secret https://example.com",
    'NPM_TOKEN="hunter2secret with spaces"',
    "Authorization: Bearer hunter2secret",
    "https://example.com/x?X-Amz-Signature=hunter2secret&a=b",
    'api_key: "hunter2secret"',
)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_credential_comes_through(secret: str) -> None:
    assert "hunter2" not in masked(secret)
    told = [
        explain(Phase.BUILD, f"fatal: Authentication failed for '{secret}'", []),
        explain(Phase.BUILD, f"fatal: repository '{secret}' not found", [secret]),
        explain(Phase.BUILD, "no one knows", [f"Step 1/2 : RUN git clone {secret}", secret]),
        explain(
            Phase.BUILD,
            f"The command '/bin/sh -c git clone {secret}' returned a non-zero code: 1",
            [f"Step 2/2 : RUN git clone {secret}", f"fatal: unable to access '{secret}'"],
            1,
        ),
        explain(Phase.BUILD, "dockerfile parse error line 1: unknown instruction: X", [], 0, f"X {secret}"),
    ]
    assert not [one for one in told if "hunter2" in repr(one)]


@pytest.mark.parametrize(
    "token",
    ["ghp_" + "a1" * 18, "github_pat_" + "a1" * 20, "glpat-" + "a1" * 10, "AKIA" + "A1" * 8, "dckr_pat_" + "a1" * 12],
)
def test_known_tokens_are_masked_wherever_they_stand(token: str) -> None:
    assert token not in masked(f"remote: {token} is not valid")


def test_a_credential_at_the_edge_of_a_huge_line_is_masked() -> None:
    for length in (1950, 1970, 1985, 2000, 3950, 3970, 3985, 4000):
        said = "x" * length + " https://bob:hunter2secret@git.example.com/a.git no space left on device"
        assert "hunter2" not in repr(explain(Phase.BUILD, said, [said]))


def test_a_key_is_masked_line_by_line() -> None:
    key = [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW",
        "-----END OPENSSH PRIVATE KEY-----",
    ]
    trouble = explain(Phase.BUILD, "odd", key)
    assert "b3Blbn" not in repr(trouble)
    assert "PRIVATE KEY" not in repr(trouble)


@made_up(200)
@given(_LINES)
def test_masking_twice_is_masking_once(text: str) -> None:
    for line in text.split("\n"):
        assert masked(masked(line)) == masked(line)


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "a:" * 500_000, "/" * 250_000, "error: " * 50_000, "\n".join(["x"] * 100_000)],
    ids=["letters", "pairs", "slashes", "errors", "lines"],
)
def test_huge_output_is_judged_before_a_test_must_end(text: str) -> None:
    explain(Phase.BUILD, text, [text] * 3, 1)
    for long in (["Step 1/2 : RUN x", *[text[:5000]] * 50], ["Step 1/2 : RUN x", text]):
        assert explain(Phase.BUILD, "The command 'x' returned a non-zero code: 1", long, 1).kind == "run_failed"
