"""The demo's catalog: what a team offers in the sandbox cluster."""

from pathlib import Path

from bot.sandbox.scenarios import Scenario, parse

NAMESPACE = "platform"
SOURCE = Path(__file__).parents[1] / "manifests" / "demo" / "catalog.yaml"


def scenario() -> Scenario:
    """The namespace with its catalog and the cache that it offers."""
    return parse(NAMESPACE, SOURCE.read_text(encoding="utf-8"))
