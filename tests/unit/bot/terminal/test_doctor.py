"""`tessera doctor` says what is missing and how to get it, and prints no secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.console import people
from bot.console.server import Console
from bot.sandbox.server import Sandbox
from bot.secrets.keys import Keys
from bot.terminal import app as terminal

TOKEN = "-".join(["xo" + "xb", "canary", "51c0"])
SIGNING = "canary-signing-secret"


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with Sandbox(["shop"]) as sandbox:
        yield sandbox.write_kubeconfig(tmp_path_factory.mktemp("sandbox") / "kubeconfig", "shop")


@pytest.fixture
def installed(kubeconfig: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of an installation in which all works."""
    policy, keys = tmp_path / "policy.yaml", tmp_path / "keys"
    policy.write_text(f"teams: {{{people.TEAM_ID}: {{users: {{U0ANA: {{user: ana@example.com}}}}}}}}")
    keys.write_text(tessera({}, "keys", "new").stdout)
    with Console(None, SIGNING, TOKEN, None) as slack:
        yield {
            "COLUMNS": "200",
            "KUBECONFIG": str(kubeconfig),
            "TESSERA_SLACK_BOT_TOKEN": TOKEN,
            "TESSERA_SLACK_API_URL": slack.api_url,
            "TESSERA_POLICY_FILE": str(policy),
            "TESSERA_SECRET_KEYS_FILE": str(keys),
        }


def tessera(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(terminal.app, words, env=environment, prog_name="tessera")


def test_where_all_works_it_says_so_and_shows_no_secret(installed: dict[str, str]) -> None:
    done = tessera(installed, "doctor")
    assert done.exit_code == 0, done.output
    assert "✗" not in done.output
    for name in ("cluster", "Redis", "Slack", "policy", "keys", "builds"):
        assert name in done.output
    key = Path(installed["TESSERA_SECRET_KEYS_FILE"]).read_text().strip()
    assert not [secret for secret in (TOKEN, SIGNING, key) if secret in done.output]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TESSERA_POLICY_FILE", "", "manifests/base/policy.yaml"),
        ("TESSERA_SLACK_BOT_TOKEN", "", "manifests/slack/README.md"),
        ("TESSERA_SLACK_BOT_TOKEN", "another", "Slack does not take the token: invalid_auth"),
        ("TESSERA_SLACK_API_URL", "http://127.0.0.1:1/api/", "Slack does not answer"),
        ("TESSERA_REDIS_URL", "redis://127.0.0.1:1/0", "Redis does not answer"),
        ("TESSERA_DOCKER_HOST", "unix:///nowhere/docker.sock", "build engine"),
    ],
)
def test_what_is_missing_is_named_with_how_to_get_it(
    installed: dict[str, str], variable: str, value: str, said: str
) -> None:
    changed = {**installed, variable: value}
    if not value:
        del changed[variable]
    done = tessera(changed, "doctor")
    assert done.exit_code == 2
    assert said in done.output
    assert "✓" in done.output, "the other checks are made all the same"
    assert TOKEN not in done.output


def test_keys_that_are_none_are_told(installed: dict[str, str]) -> None:
    Path(installed["TESSERA_SECRET_KEYS_FILE"]).write_text("canary-no-key")
    done = tessera(installed, "doctor")
    assert done.exit_code == 2
    assert "does not hold keys" in done.output
    assert "canary-no-key" not in done.output


def test_a_new_key_can_be_used_and_is_another_each_time(tmp_path: Path) -> None:
    first, second = (tessera({}, "keys", "new").stdout for _ in range(2))
    assert first != second
    path = tmp_path / "keys"
    path.write_text(first)
    assert Keys(path).open(Keys(path).seal("x")) == "x"


def test_pushes_are_told_of_where_somebody_signs_them(installed: dict[str, str]) -> None:
    assert "/github/webhook" not in tessera(installed, "doctor").output
    done = tessera(installed | {"TESSERA_GITHUB_WEBHOOK_SECRET": "canary-hook"}, "doctor")
    assert "are taken at /github/webhook; 0 workloads built on push" in done.output
    assert "canary-hook" not in done.output
