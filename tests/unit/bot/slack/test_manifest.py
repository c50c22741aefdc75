"""The Slack app manifest in the repository is the one that the registered commands give."""

from pathlib import Path

import pytest
import yaml

from bot.registered import load_commands
from bot.slack import manifest
from commands.base.registry import commands

FOLDER = Path(__file__).parents[4] / "manifests" / "slack"


@pytest.mark.parametrize(
    ("file", "address"), [("manifest.yaml", ""), ("manifest-http.yaml", "https://tessera.example.com")]
)
def test_the_file_is_generated(file: str, address: str) -> None:
    again = f"python -m bot.slack.manifest {address} > manifests/slack/{file}"
    assert (FOLDER / file).read_text() == manifest.text(address), again


def test_every_slash_command_is_declared_and_every_command_hinted() -> None:
    load_commands()
    declared = {one["command"]: one for one in manifest.manifest()["features"]["slash_commands"]}
    assert {"/tessera"} | {f"/{one.name}" for one in commands().values() if one.slash} == set(declared)
    assert all(name in declared["/tessera"]["usage_hint"] for name in commands())
    assert declared["/diagnose"]["description"] == commands()["diagnose"].summary


def test_slacks_limits_of_a_manifest() -> None:
    about = manifest.manifest()["display_information"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 174 <= len(about["long_description"]) <= 4000
    slash = manifest.manifest()["features"]["slash_commands"]
    assert len(slash) <= 50
    assert all(len(one["command"]) <= 32 and len(one["description"]) <= 2000 for one in slash)


def test_http_and_socket_mode_differ_in_addresses_only() -> None:
    http, socket = yaml.safe_load(manifest.text("https://x.example/")), yaml.safe_load(manifest.text())
    assert http["settings"]["interactivity"]["request_url"] == "https://x.example/slack/events"
    assert (http["settings"]["socket_mode_enabled"], socket["settings"]["socket_mode_enabled"]) == (False, True)
    assert http["oauth_config"] == socket["oauth_config"]
