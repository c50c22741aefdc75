"""The command line: exit codes, JSON as documented, and mistakes told as sentences."""

import json
import re
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.terminal import app as terminal
from bot.terminal.generic import CHAT_ONLY
from bot.terminal.mistakes import Telling
from bot.terminal.wording import typed_here
from commands.base.errors import NotFound
from commands.base.registry import commands as registered

ROOT = Path(__file__).parents[4]
FAULTS = ROOT / "tests" / "faults"
HEALTHY, BROKEN = (f"{FAULTS}/{name}/capture.json" for name in ("125-healthy-web", "002-selector-typo"))
POLICY = f"{ROOT}/manifests/base/policy.yaml"


def tessera(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(terminal.app, words, env={"COLUMNS": "200", **environment}, prog_name="tessera")


def documented() -> dict[str, set[str]]:
    """The fields of VERDICT.md with every name that their description mentions."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", (ROOT / "bot/terminal/VERDICT.md").read_text(), re.MULTILINE)
    return {field: set(re.findall(r"`([\w./]+)`", told)) for field, told in rows}


@pytest.mark.parametrize(
    ("target", "capture", "verdict", "code"), [("web", HEALTHY, "healthy", 0), ("api", BROKEN, "fault", 1)]
)
def test_verdict_and_exit_code_agree(target: str, capture: str, verdict: str, code: int) -> None:
    done = tessera("diagnose", target, "--from", capture, "-o", "json")
    assert (json.loads(done.stdout)["verdict"], done.exit_code) == (verdict, code)
    assert tessera("diagnose", target, "--from", capture).exit_code == code


def test_a_kind_and_a_name_may_be_two_words_and_two_targets_are_not() -> None:
    assert tessera("diagnose", "deploy", "web", "--from", HEALTHY).exit_code == 0
    done = tessera("diagnose", "web", "db", "--from", HEALTHY)
    assert done.exit_code == 2
    assert "One target at a time" in done.stderr


def test_a_capture_that_could_read_nothing_cannot_tell(tmp_path: Path) -> None:
    empty = json.loads(Path(BROKEN).read_text())
    kept = [thing for thing in empty["objects"] if thing["kind"] == "Deployment"]
    unread = [
        {"resource": kind, "namespace": empty["namespace"], "problem": "forbidden"} for kind in ("pods", "replicasets")
    ]
    path = tmp_path / "capture.json"
    path.write_text(json.dumps(empty | {"objects": kept, "logs": {}, "asked": {}, "unread": unread}))
    done = tessera("diagnose", "deploy/api", "--from", str(path), "-o", "json")
    told = json.loads(done.stdout)
    assert (told["verdict"], told["cause"], done.exit_code) == ("unknown", None, 2)
    assert {frozenset(hidden) for hidden in told["unchecked"]} == {frozenset(documented()["unchecked"])}


def test_json_has_the_documented_fields_and_no_other() -> None:
    done = tessera("diagnose", "api", "--from", BROKEN, "-o", "json")
    told: dict[str, Any] = json.loads(done.stdout)
    fields = documented()
    assert set(told) == set(fields)
    assert set(told["cause"]) == {"class", "name", "sentence", "object", "confidence", "since"}
    assert told["schema"] in fields["schema"]
    for name, value in told.items():
        for entry in [value] if isinstance(value, dict) else value if isinstance(value, list) else []:
            known = fields["plan"] if name == "alternatives" else fields[name]
            assert set(entry) <= known, name
    assert told["plan"], "a fault without a plan proves nothing here"


def test_for_scripts_an_error_is_json_too() -> None:
    done = tessera("diagnose", "apj", "--from", BROKEN, "-o", "json")
    assert set(json.loads(done.stdout)) == {"error", "hint"}
    assert done.exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("it's",), ("",), ("web api",), ("“web”",), ("<http://web|web>",), ("<@U0123>",), ("w\x1b[31meb\x07",),
        ("a" * 3000,), ("web", "-n", "No Such"), ("web", "-n", "../shop"), ("--", "--bad"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_nobody_can_mean_is_answered_with_the_right_form(words: tuple[str, ...]) -> None:
    done = tessera("diagnose", "--from", BROKEN, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "tessera diagnose TARGET [-n NAMESPACE]" in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [("no JSON", "is no capture: it is not JSON"), ("[]", "is no capture."), (None, "no such file")],
)
def test_what_is_no_capture_is_said_with_the_way_to_make_one(content: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    if content is not None:
        path.write_text(content)
    done = tessera("diagnose", "web", "--from", str(path))
    assert done.exit_code == 2
    assert f"`{path}`".replace("`", "") in done.stderr
    assert said in done.stderr
    assert "tessera capture -n NAMESPACE > file.json" in done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("diagnos", "diagnose"), ("restrat", "restart"), ("xyzzyx", "")])
def test_an_unknown_command_is_answered_with_the_nearest_of_all(typed: str, meant: str) -> None:
    done = tessera(typed, "web")
    assert done.exit_code == 2
    assert f"There is no command '{typed}'." in done.stderr
    assert (f"Did you mean '{meant}'?" in done.stderr) == bool(meant)


def test_the_help_lists_every_command_once_in_its_panel() -> None:
    said = tessera("--help").stdout
    look, change, run = (said.index(title) for title in ("─ Look ─", "─ Change, after your yes ─", "─ Run the bot ─"))
    places = {name: [match.start() for match in re.finditer(rf"^│ {name} ", said, re.M)] for name in registered()}
    assert {name for name, found in places.items() if len(found) != 1} == CHAT_ONLY
    assert look < places["diagnose"][0] < places["why"][0] < change < places["scale"][0] < run


@pytest.mark.parametrize("name", ["diagnose", "build", "scale", "logs"])
def test_the_usage_is_the_form_of_the_command(name: str) -> None:
    said = tessera(name, "--help").stdout
    [usage] = [line.split() for line in said.splitlines() if line.startswith(" Usage:")]
    assert usage[:3] == ["Usage:", "tessera", name]
    assert set(registered()[name].usage.split()) - {"[-n", "NAMESPACE]"} <= set(usage)


def test_a_capture_that_fails_writes_nothing_into_the_file(tmp_path: Path) -> None:
    done = tessera("capture", "-n", "shop", KUBECONFIG=str(tmp_path / "none"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none" in done.stderr


@pytest.mark.parametrize("words", [("console", "--port", "99999"), ("demo", "--port", "-5")])
def test_a_port_that_cannot_be_is_refused(words: tuple[str, ...]) -> None:
    done = tessera(*words)
    assert done.exit_code == 2
    assert "--port" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("U1", "diagnose", "shop/web"), "--file or TESSERA_POLICY_FILE"),
        (("U1", "diagnose", "shop/web", "--file", "/none"), "/none cannot be read"),
        (("U1", "diagnose", "web", "--file", POLICY, "--team", "T1"), "names no namespace"),
        (("U1", "dianose", "shop/web", "--file", POLICY, "--team", "T1"), "no command dianose"),
    ],
)
def test_a_wrong_question_about_policy_says_what_is_wrong(words: tuple[str, ...], said: str) -> None:
    done = tessera("policy", "check", *words, TESSERA_POLICY_FILE="")
    assert done.exit_code == 2
    assert said in done.stderr


def test_without_a_policy_the_example_names_one() -> None:
    done = tessera("policy", "check", "U1", "diagnose", "shop/web", TESSERA_POLICY_FILE="")
    assert "diagnose shop/web --file policy.yaml" in done.stderr


def test_a_namespace_that_is_not_in_the_capture_is_no_matter_of_rights() -> None:
    done = tessera("diagnose", "web", "--from", BROKEN, "-n", "other")
    assert done.exit_code == 2
    assert "other is not in this capture" in done.stderr
    assert "tessera capture -n other" in done.stderr
    assert "allowed" not in done.stderr


def test_unmapped_people_are_refused_with_the_line_to_add() -> None:
    done = tessera("policy", "check", "U0NOBODY", "diagnose", "shop/web", "--file", POLICY, "--team", "T0NONE")
    assert done.exit_code == 1
    assert "T0NONE: {users: {U0NOBODY:" in done.stdout


def app_with(error: Exception) -> typer.Typer:
    """An application whose one command meets this error."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.callback()
    def main(debug: Annotated[bool, typer.Option("--debug")] = False) -> None:
        """Nothing."""

    @app.command(cls=Telling)
    def look() -> None:
        raise error

    return app


def test_a_mistake_of_our_own_is_a_sentence_and_never_the_code_of_a_fault() -> None:
    done = CliRunner().invoke(app_with(TypeError("unfit")), ["look"], env={"COLUMNS": "200"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "mistake in Tessera itself: TypeError: unfit (test_app.py:" in done.stderr
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_where_it_happened() -> None:
    done = CliRunner().invoke(app_with(TypeError("unfit")), ["--debug", "look"])
    assert isinstance(done.exception, TypeError)


def test_an_error_for_people_says_what_and_what_next() -> None:
    error = NotFound("I know no `web`.", "look with `/look web`")
    done = CliRunner().invoke(app_with(error), ["look"])
    assert (done.exit_code, done.stderr) == (2, "? I know no web.\n  look with tessera look web\n")


def test_forms_of_the_chat_become_forms_of_the_terminal() -> None:
    assert typed_here("`/look web`, see docs/look or /looking", "look") == (
        "`tessera look web`, see docs/look or /looking"
    )
