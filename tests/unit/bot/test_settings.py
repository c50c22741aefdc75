"""Settings: typed, from environment and mounted files; a wrong one is named with an example.

The process's environment is given to a process of its own, so nothing of this one is changed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.interpreter import interpreter

Run = Callable[..., str]

READ = """
from bot.settings import load
found = load()
print(found.port, found.slack_mode.value, found.slack_bot_token.get_secret_value())
"""
SHOW = "from bot.settings import load; print(load())"
FAIL = """
from bot.settings import load
from commands.base.errors import UsageError
try:
    load()
except UsageError as error:
    print(error.message, error.hint)
"""

BUILDS = """
from bot.building import builds
from bot.settings import load
from commands.base.errors import UsageError
try:
    builds(load())
except UsageError as error:
    print(error.message, error.hint)
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """What the code prints with exactly this environment."""
    with interpreter(["bot.settings", "bot.building", "bot.hub", "bot.state.memory"]) as python:
        yield python.run


def test_defaults(run: Run) -> None:
    assert run(READ) == "8080 http"


def test_environment_wins_over_mounted_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tessera_port").write_text("9000\n")
    (tmp_path / "tessera_slack_bot_token").write_text("xoxb-file\n")
    folder = str(tmp_path)
    assert run(READ, TESSERA_SECRETS=folder) == "9000 http xoxb-file"
    assert run(READ, TESSERA_SECRETS=folder, TESSERA_PORT="9001") == "9001 http xoxb-file"


def test_a_wrong_value_is_named_with_an_example(run: Run) -> None:
    said = run(FAIL, TESSERA_PORT="many")
    assert "TESSERA_PORT" in said
    assert "TESSERA_PORT=8080" in said
    assert "TESSERA_SLACK_MODE" in run(FAIL, TESSERA_SLACK_MODE="pigeon")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis:6379"),
        ("REDIS_URL", "http://redis:6379/0"),
        ("REDIS_URL", "redis://redis:many/0"),
        ("REDIS_URL", "redis://redis:6379/zero"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://[redis"),
        ("SLACK_API_URL", "slack.com/api"),
        ("SLACK_API_URL", "ftp://slack.com/api/"),
        ("SLACK_API_URL", "https:///api/"),
        ("SLACK_API_URL", "https://slack.com:99999/api/"),
        ("SECRETS", "/no/such/folder"),
        ("GIT_ROOT", "/no/such/folder"),
        ("DOCKER_CERTIFICATES", "/no/such/folder"),
        ("BUILDKIT_CERTIFICATES", "/no/such/folder"),
        ("REGISTRY_LOGINS", "/no/such/file"),
    ],
)
def test_an_address_or_a_place_that_cannot_be_is_named_with_an_example(run: Run, name: str, value: str) -> None:
    said = run(FAIL, **{f"TESSERA_{name}": value})
    assert said.startswith(f"TESSERA_{name}: ")
    assert f"for example TESSERA_{name}=" in said


@pytest.mark.parametrize("name", ["DOCKER_HOST", "BUILDKIT_HOST"])
@pytest.mark.parametrize("value", ["docker", "http://docker:2376", "tcp://docker.builds.svc:2376"])
def test_an_engine_that_cannot_be_used_is_named_with_its_setting(run: Run, name: str, value: str) -> None:
    said = run(BUILDS, **{f"TESSERA_{name}": value})
    assert said.startswith(f"TESSERA_{name}: ")
    assert f"for example TESSERA_{name}=tcp://" in said


GITHUB = """
from bot.building import vault
from bot.hub import Hub
from bot.settings import load
from bot.state.memory import MemoryState
from commands.base.errors import UsageError
try:
    settings = load()
    code = Hub(settings, vault(settings, MemoryState())).code
    print([code.has("org/shop"), code.has("https://github.example.com/org/shop")])
except UsageError as error:
    print(error.message, error.hint)
"""


def test_github_is_asked_where_something_says_so(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN RSA PRIVATE KEY-----")
    assert run(GITHUB) == "[False, False]"
    assert run(GITHUB, TESSERA_GITHUB_TOKEN="github_pat_1") == "[True, False]"
    assert run(GITHUB, TESSERA_GITHUB_APP="1", TESSERA_GITHUB_APP_KEY_FILE=str(key)) == "[True, False]"
    assert run(GITHUB, TESSERA_GITHUB_URL="https://github.example.com/api/v3/") == "[True, True]"


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("TOKEN", {"TOKEN": "ghp_hush", "APP": "1"}),
        ("TOKEN", {"TOKEN": "ghp_ hush"}),
        ("APP_KEY_FILE", {"APP": "1"}),
        ("APP_KEY_FILE", {"APP": "1", "APP_KEY_FILE": "/no/such/file"}),
        ("APP_KEY_FILE", {"APP": "1", "APP_KEY_FILE": str(Path(__file__).with_name("__init__.py"))}),
        ("APP", {"APP": "-1"}),
        ("APP", {"APP": "tessera"}),
        ("APP", {"APP_KEY_FILE": __file__}),
        ("URL", {"URL": "http://github.example.com/api/v3"}),
        ("URL", {"URL": "github.example.com"}),
    ],
)
def test_a_wrong_setting_of_github_is_named_with_an_example(run: Run, named: str, settings: dict[str, str]) -> None:
    said = run(GITHUB, **{f"TESSERA_GITHUB_{name}": value for name, value in settings.items()})
    assert said.startswith(f"TESSERA_GITHUB_{named}: ")
    assert f"for example TESSERA_GITHUB_{named}=" in said
    assert "hush" not in said


@pytest.mark.parametrize(
    "url",
    ["redis://redis:6379/0", "redis://127.0.0.1:6379", "rediss://ada:secret@redis:6380/2", "unix:///run/redis.sock"],
)
def test_every_address_of_a_redis_is_taken(run: Run, url: str) -> None:
    assert run(FAIL, TESSERA_REDIS_URL=url) == ""


def test_the_usual_name_of_a_redis_is_taken_and_the_own_one_goes_before_it(run: Run) -> None:
    shown = "from bot.settings import load; print(load().redis_url)"
    assert run(shown, REDIS_URL="redis://theirs:6379/0") == "redis://theirs:6379/0"
    assert (
        run(shown, REDIS_URL="redis://theirs:6379/0", TESSERA_REDIS_URL="redis://mine:6379/0") == "redis://mine:6379/0"
    )
    assert run(FAIL, REDIS_URL="redis:6379").startswith("REDIS_URL: ")


def test_what_a_password_might_be_is_not_repeated(run: Run) -> None:
    assert "hush" not in run(FAIL, TESSERA_REDIS_URL="redis://:hush/hush@redis:6379/0")


def test_the_methods_of_slack_are_put_behind_its_address(run: Run) -> None:
    shown = "from bot.settings import load; print(load().slack_api_url)"
    assert run(shown, TESSERA_SLACK_API_URL="http://127.0.0.1:8070/api") == "http://127.0.0.1:8070/api/"


def test_secrets_do_not_show(run: Run) -> None:
    assert "xoxb" not in run(SHOW, TESSERA_SLACK_BOT_TOKEN="xoxb-1")
