"""Every failure that was captured on real builders, registries and git is explained by what it printed."""

import pytest

from explainers.builds.errors import KINDS, Trouble, explain
from explainers.builds.errors.output import lines_of
from explainers.builds.model import Phase
from tests.builds.captured import Captured, everything

CAPTURED = everything()
_KEYS = (
    "needs_buildkit heredoc_unsupported dockerfile_syntax dockerfile_empty dockerfile_missing copy_source_missing "
    "bad_image_reference bad_tag stage_unknown target_unknown no_shell run_failed oom_killed disk_full exec_format "
    "base_not_found base_auth_denied rate_limited dns_failure registry_refused tls_untrusted push_unauthorized "
    "push_denied local_tag_missing proxy_limit_or_timeout daemon_unreachable client_too_old git_auth_failed "
    "ref_unknown repo_unknown registry_disagrees unknown"
)
PROMISED = frozenset(_KEYS.split())


def judged(captured: Captured) -> Trouble:
    output = captured.output
    return explain(output.phase, output.error, output.tail, output.code, output.dockerfile)


def printed(captured: Captured) -> list[str]:
    """The lines of the output as a person reads them."""
    return lines_of("\n".join([*captured.output.tail, captured.output.error]))


def test_every_kind_is_known_and_was_provoked_for_real() -> None:
    assert set(KINDS) == PROMISED
    assert {captured.kind for captured in CAPTURED if not captured.source} == PROMISED


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda captured: captured.name)
def test_a_captured_failure_is_explained(captured: Captured) -> None:
    trouble = judged(captured)
    assert (trouble.kind, trouble.retry) == (captured.kind, captured.retry), trouble
    assert not [name for name in captured.names if name not in trouble.headline], trouble.headline
    assert any(trouble.line and trouble.line in line for line in printed(captured)), trouble.line


def test_explanations_are_plain_and_whole() -> None:
    for trouble in map(judged, CAPTURED):
        assert trouble.headline.endswith((".", "…")), trouble.headline
        assert "\n" not in trouble.headline
        assert len(trouble.headline) < 400
        assert trouble.explanation
        assert trouble.advice
        assert trouble.reading.startswith("https://")
        assert "!" not in trouble.explanation + trouble.advice.replace("#!", "")
        assert "went wrong" not in f"{trouble.headline} {trouble.explanation} {trouble.advice}"
        assert "{" not in trouble.advice
        assert ".." not in trouble.headline.replace("../", "").replace("...", "")


def test_the_kind_does_not_hang_on_knowing_the_dockerfile() -> None:
    known = [one for one in CAPTURED if one.output.dockerfile and one.kind != "heredoc_unsupported"]
    told = {one.name: explain(one.output.phase, one.output.error, one.output.tail, one.output.code) for one in known}
    assert {name: trouble.kind for name, trouble in told.items()} == {one.name: one.kind for one in known}


def test_a_heredoc_without_its_dockerfile_is_not_claimed() -> None:
    trouble = explain(Phase.BUILD, "dockerfile parse error line 3: unknown instruction: ECHO", [])
    assert trouble.kind == "dockerfile_syntax"
    assert "ECHO, a shell command" in trouble.headline
    assert "heredoc" in trouble.advice


def test_what_a_program_printed_is_not_taken_for_the_engines_word() -> None:
    tail = [
        "Step 2/3 : RUN ./check.sh",
        "denied: requested access to the resource is denied",
        "lookup pg: no such host",
    ]
    trouble = explain(Phase.BUILD, "the engine caught fire", tail)
    assert trouble.kind == "unknown"
    assert trouble.line == "the engine caught fire"


def test_without_a_statement_the_lines_that_state_a_failure_are_read() -> None:
    tail = [
        "#5 [2/2] RUN make",
        "#5 0.1 make: *** [Makefile:2: all] Error 7",
        "error: failed to push a/b:1: denied: no",
    ]
    assert explain(Phase.PUSH, "exit status 1", tail).kind == "push_denied"
    assert explain(Phase.PUSH, "", tail[:2]).kind == "unknown"


def test_unknown_gives_the_stage_and_the_last_fifteen_lines() -> None:
    tail = ["Step 4/9 : FROB x", *(f"line {number}" for number in range(40))]
    trouble = explain(Phase.BUILD, "frobnication impossible", tail)
    assert trouble.kind == "unknown"
    assert trouble.headline == "The build stopped at FROB x: frobnication impossible."
    assert trouble.explanation.split("\n")[1:] == [*(f"line {number}" for number in range(26, 40)), trouble.line]


def test_nothing_printed_at_all() -> None:
    trouble = explain(Phase.PUSH, "", [])
    assert (trouble.kind, trouble.line) == ("unknown", "")
    assert trouble.headline == "The push stopped and printed nothing."


def test_the_cause_is_found_far_above_the_end_and_among_colours() -> None:
    tail = [
        "Step 2/2 : RUN npm ci && npm run build",
        '\x1b[91mnpm ERR! Missing script: "build"\x1b[0m',
        *["npm ERR! "] * 20,
    ]
    trouble = explain(Phase.BUILD, "The command '/bin/sh -c npm ci' returned a non-zero code: 1", tail, 1)
    assert trouble.line == 'npm ERR! Missing script: "build"'
    assert trouble.headline == "RUN npm ci && npm run build failed with exit code 1: package.json has no script build."


@pytest.mark.parametrize(
    ("said", "kind", "headline"),
    [
        (
            "deploy/Dockerfile line 4: RUN --mount requires BuildKit, and no BuildKit engine is set up.",
            "needs_buildkit",
            "Line 4 of the Dockerfile uses RUN --mount, which needs BuildKit.",
        ),
        (
            "BuildKit at unix:///run/b.sock does not answer: connection refused.",
            "daemon_unreachable",
            "BuildKit at unix:///run/b.sock does not answer.",
        ),
        (
            "Docker Engine 28.2 at build:2376 no longer answers: the push was broken off.",
            "daemon_unreachable",
            "Docker Engine 28.2 at build:2376 stopped answering in the middle of the work.",
        ),
        (
            "The Docker Engine speaks API 1.38, and builds need 1.40 or newer.",
            "client_too_old",
            "This engine speaks API 1.38, and builds need at least 1.40.",
        ),
        (
            "The Docker Engine wants API 1.60 or newer, and this Tessera speaks 1.44.",
            "client_too_old",
            "The client speaks API 1.44, and this engine wants at least 1.60.",
        ),
        (
            "'Shop:1' is not an image reference with a tag, such as registry.example.com/shop:main-1a2b3c4",
            "bad_tag",
            "Shop:1 cannot be the name of an image.",
        ),
    ],
)
def test_what_our_own_engines_say_is_known_too(said: str, kind: str, headline: str) -> None:
    trouble = explain(Phase.BUILD, said, [])
    assert (trouble.kind, trouble.headline, trouble.line) == (kind, headline, said)


@pytest.mark.parametrize(
    "printed",
    ["5 mutants Killed by tests", "test: x509 checks ok", "0 errors, no space left behind", "killed 3 old sessions"],
)
def test_harmless_words_of_a_program_are_no_cause(printed: str) -> None:
    tail = ["Step 2/2 : RUN make check", printed, "make: *** [Makefile:9: check] Error 1"]
    trouble = explain(Phase.BUILD, "The command '/bin/sh -c make check' returned a non-zero code: 2", tail, 2)
    assert trouble.kind == "run_failed"
    assert trouble.line == "make: *** [Makefile:9: check] Error 1"


def test_the_host_of_a_headline_is_the_one_that_was_asked() -> None:
    said = "toomanyrequests: You have reached your pull rate limit: https://www.docker.com/increase-rate-limit"
    trouble = explain(Phase.BUILD, said, ["Step 1/9 : FROM node:20"])
    assert trouble.headline == "docker.io has had too many requests and refuses more for the base image node:20."


def test_a_download_that_failed_long_before_the_end_was_survived() -> None:
    tail = ["Step 2/2 : RUN make", "curl: (6) Could not resolve host: files.example.com", *["cc -c a.c"] * 20]
    tail.append("main.c:3:1: error: expected ';' before '}' token")
    trouble = explain(Phase.BUILD, "The command '/bin/sh -c make' returned a non-zero code: 2", tail, 2)
    assert (trouble.kind, trouble.line) == ("run_failed", tail[-1])
