"""What an entry may name as a chart, and what helm is told then."""

from pathlib import Path

import pytest

from bot.broker.charts import chart
from commands.base.errors import TesseraError
from explainers.catalog.model import HelmChart


def named(chart_word: str, repository: str = "", version: str = "") -> HelmChart:
    return HelmChart("data", "", chart_word, repository, version)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "charts" / "pg").mkdir(parents=True)
    (tmp_path / "charts" / "pg" / "Chart.yaml").write_text("name: pg")
    (tmp_path / "charts" / "pg-1.tgz").write_bytes(b"")
    (tmp_path / "secret" / "Chart.yaml").mkdir(parents=True)
    (tmp_path / "charts" / "away").symlink_to(tmp_path / "secret")
    return tmp_path / "charts"


def test_a_repository_a_reference_a_url_and_a_path(folder: Path) -> None:
    found = chart(named("postgresql", "https://charts.example.com/stable", "^15.2"), folder)
    assert (found.word, found.options) == (
        "postgresql",
        ("--repo=https://charts.example.com/stable", "--version=^15.2"),
    )
    found = chart(named("oci://ghcr.io/team/charts/pg", version="1.2.3"), folder)
    assert (found.word, found.options) == ("oci://ghcr.io/team/charts/pg", ("--version=1.2.3",))
    assert chart(named("oci://localhost:5000/pg"), folder).options == ("--plain-http",)
    assert chart(named("oci://registry.corp:5000/pg"), folder, ("registry.corp:5000",)).options == ("--plain-http",)
    assert chart(named("oci://registry.corp:5000/pg"), folder).options == ()
    assert chart(named("oci://127.example.com/pg"), folder).options == ()
    assert chart(named("https://charts.example.com/pg-1.2.tgz"), folder).word == "https://charts.example.com/pg-1.2.tgz"
    for path in ("pg", "./pg", "pg-1.tgz"):
        found = chart(named(path), folder)
        assert (Path(found.word), found.local) == (folder / path, True)


@pytest.mark.parametrize(
    "provision",
    [
        named("--post-renderer=/bin/sh", "https://charts.example.com"),
        named("-pg", "https://charts.example.com"),
        named("pg", "--repo"),
        named("pg", "http://charts.example.com"),
        named("pg", "https://ana:pw@charts.example.com"),
        named("pg", "https://charts.example.com --debug"),
        named("pg", "https://charts.example.com\n"),
        named("pg", "file:///etc"),
        named("pg", "http://127.example.com"),
        named("pg", "https://169.254.169.254/latest"),
        named("oci://169.254.169.254/pg"),
        named("http://charts.example.com/pg.tgz"),
        named("https://169.254.169.254/pg.tgz"),
        named("ext::sh -c true"),
        named("oci://ghcr.io"),
        named("oci://ghcr.io/../pg"),
        named("oci://ghcr.io/pg --plain-http"),
        named("pg", "https://charts.example.com", "--set=a=b"),
        named("pg", "https://charts.example.com", "1\n--debug"),
        named("../secret"),
        named("away"),
        named("/etc"),
        named("."),
        named(""),
        named("none"),
        named("--help"),
    ],
)
def test_nothing_else(provision: HelmChart, folder: Path) -> None:
    with pytest.raises(TesseraError):
        chart(provision, folder)


def test_no_path_without_a_folder() -> None:
    with pytest.raises(TesseraError, match="no folder of charts"):
        chart(named("pg"), None)
