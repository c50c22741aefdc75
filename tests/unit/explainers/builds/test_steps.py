"""The lines that are shown, and that they are what is sent. Real programs run them in tests/contract."""

import json
import shlex
from itertools import pairwise

from explainers.builds.model import Order
from explainers.builds.steps import BuildctlBuild, DockerBuild, DockerPush

ORDER = Order(
    "ghcr.io/o/shop:main-1a2b3c4",
    "api/Dockerfile",
    labels={"org.opencontainers.image.revision": "1a2b3c4", "note": "it's $HOME; `id`\n--rm"},
    arguments={"VERSION": "1 2"},
    target="run",
)


def options(words: list[str], name: str) -> list[str]:
    return [value for word, value in pairwise(words) if word == name]


def test_the_docker_line_says_what_is_sent() -> None:
    words, query = shlex.split(DockerBuild(ORDER).line()), DockerBuild(ORDER).query()
    assert words[:2] == ["docker", "build"]
    assert words[-1] == "."
    assert options(words, "-t") == [query["t"]] == [ORDER.image]
    assert options(words, "-f") == [query["dockerfile"]] == ["api/Dockerfile"]
    assert options(words, "--target") == [query["target"]] == ["run"]
    assert dict(word.split("=", 1) for word in options(words, "--label")) == json.loads(query["labels"]) == ORDER.labels
    assert options(words, "--build-arg") == ["VERSION=1 2"]
    assert json.loads(query["buildargs"]) == ORDER.arguments


def test_the_push_line_says_what_is_sent() -> None:
    push = DockerPush(ORDER)
    assert push.line() == "docker push ghcr.io/o/shop:main-1a2b3c4"
    assert push.sent() == ["POST", "/images/ghcr.io/o/shop/push", {"tag": "main-1a2b3c4"}]


def test_the_buildctl_line_is_what_is_started() -> None:
    step = BuildctlBuild(ORDER, "tcp://buildkitd:1234")
    assert shlex.split(step.line()) == ["buildctl", "--addr", "tcp://buildkitd:1234", "build", *step.arguments(".")]
    assert {f"label:note={ORDER.labels['note']}", "build-arg:VERSION=1 2", "target=run"} <= set(
        options(step.arguments("."), "--opt")
    )
    assert options(step.arguments("/x"), "--local") == ["context=/x", "dockerfile=/x"]
    assert options(step.arguments("."), "--output") == [f"type=image,name={ORDER.image},push=true,store=false"]


def test_what_was_not_ordered_is_not_there() -> None:
    order = Order("shop:1")
    assert DockerBuild(order).line() == "docker build --force-rm -t shop:1 -f Dockerfile ."
    assert DockerBuild(order).query() == {"t": "shop:1", "dockerfile": "Dockerfile", "rm": "1", "forcerm": "1"}
    assert options(BuildctlBuild(order).arguments("."), "--opt") == ["filename=Dockerfile"]


def test_steps_change_something_and_are_plain_json() -> None:
    for step in (DockerBuild(ORDER), DockerPush(ORDER), BuildctlBuild(ORDER)):
        assert step.changes
        assert json.loads(json.dumps(step.sent())) == step.sent()
