"""What is said to need BuildKit fails on the classic builder, and BuildKit builds it; the rest is built by both."""

from collections.abc import Iterator

import pytest

from bot.builds.address import Address
from bot.builds.buildkit import BuildKitEngine
from bot.builds.docker import DockerEngine
from commands.base.ports import BuildEngine
from explainers.builds.dockerfile import needs_buildkit
from explainers.builds.model import BuildEvent
from tests.contract.build_places import BASE, BuildKitPlace, DockerPlace, Place, context, never
from tests.contract.buildkit_server import buildkitd

pytestmark = pytest.mark.registry
FROM = f"FROM {BASE}\n"
NEED = [
    FROM + "RUN --mount=type=cache,target=/c true\n",
    FROM + "RUN --mount=type=bind,target=/c \\\n  cat /c/a\n",
    FROM + "RUN --network=none true\n",
    FROM + "COPY --chmod=755 a /b\n",
    FROM + "COPY --link a /b\n",
    FROM + "COPY --parents a /b/\n",
    FROM + "COPY --exclude=*.md a /b\n",
    FROM + "RUN <<EOF\necho one\necho two\nEOF\n",
    FROM + "RUN cat <<'one' && cat <<-two\nFROM nothing\none\n\tRUN nothing\n\ttwo\n",
    FROM + "COPY <<EOF /text\nFROM nothing\nEOF\n",
    f"FROM --platform=$BUILDPLATFORM {BASE}\n",
    f"FROM --platform=${{BUILDPLATFORM}} {BASE}\n",
    FROM + "ENV A=${PATH#/usr}\n",
]
PLAIN = [
    FROM + "RUN true\n",
    "\ufeff" + FROM.replace("\n", "\r\n") + "RUN true\r\n",
    FROM + 'RUN echo "<<EOF" && echo $((1<<2))\n',
    FROM + "# RUN --mount=type=cache,target=/c true\nRUN echo --mount=type=cache\n",
    FROM + "ENV A=1 \\\n    # a comment inside\n\n    B=2\nRUN test $B = 2\n",
    f"ARG BASE={BASE}\nFROM ${{BASE}} AS one\nCOPY --chown=1:1 a /b\nFROM one\nCOPY --from=one --chown=2 /b /c\n",
    f"# escape=`\nFROM {BASE}\nRUN echo one `\n  two\n",
    FROM + 'RUN ["sh", "-c", "cat <<EOF\\nEOF\\n"]\n',
    FROM + "ENV A=${B:-c} D=${PATH:+f}\nRUN test $A$D = cf && test -z ${A#c}\n",
    f"ARG BUILDPLATFORM=linux/amd64\nFROM --platform=$BUILDPLATFORM {BASE}\n",
    FROM + "ONBUILD RUN --mount=type=cache,target=/c true\n",
]


@pytest.fixture(scope="module")
def buildkit() -> Iterator[BuildEngine]:
    with buildkitd("localhost:5000") as address:
        yield BuildKitEngine(Address(address))


def built(place: Place, engine: BuildEngine, dockerfile: str) -> BuildEvent:
    return list(engine.build(place.order(), context(dockerfile, {"a": "text\n"}), [], never))[-1]


@pytest.mark.docker
@pytest.mark.parametrize("dockerfile", NEED)
def test_the_classic_builder_cannot(dockerfile: str) -> None:
    assert needs_buildkit(dockerfile)
    last = built(DockerPlace("docker"), DockerEngine(Address("unix:///var/run/docker.sock")), dockerfile)
    assert last.error


@pytest.mark.docker
@pytest.mark.parametrize("dockerfile", PLAIN)
def test_the_classic_builder_can(dockerfile: str) -> None:
    assert needs_buildkit(dockerfile) is None
    last = built(DockerPlace("docker"), DockerEngine(Address("unix:///var/run/docker.sock")), dockerfile)
    assert last.error == ""


@pytest.mark.buildkit
@pytest.mark.parametrize("dockerfile", NEED + PLAIN)
def test_buildkit_can(dockerfile: str, buildkit: BuildEngine) -> None:
    assert built(BuildKitPlace("buildkit"), buildkit, dockerfile).error == ""
