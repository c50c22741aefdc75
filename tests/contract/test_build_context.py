"""Our build context against the one that Docker's own client sends: the same files reach the image."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from bot.source.context import build_context

pytestmark = pytest.mark.docker

FILES = {
    ".dockerignore": "*.md\n!README.md\nnode_modules\n**/*.log\ndocs/*\n!docs/keep\n?.tmp\ndist/**/*.map\nDockerfile\n",
    "README.md": "",
    "CHANGES.md": "",
    "a.tmp": "",
    "ab.tmp": "",
    "app/CHANGES.md": "",
    "app/deep/x.log": "",
    "app/main.py": "print()",
    "dist/a/b/c.map": "",
    "dist/a/b/c.js": "",
    "docs/keep": "",
    "docs/lost": "",
    "node_modules/x/y": "",
    "run.sh": "#!/bin/sh",
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with the files, links included, and a Dockerfile that shows what it was given."""
    for name, text in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "shop/run.sh").chmod(0o755)
    (tmp_path / "shop/latest").symlink_to("dist/a")
    show = "RUN cd /c && find . | sort && stat -c '%A %n' run.sh app/main.py latest"
    (tmp_path / "shop/Dockerfile").write_text(f"FROM busybox:1.36\nCOPY . /c\n{show}\n")
    return tmp_path / "shop"


def _build(*options: str, context: bytes = b"") -> list[str]:
    command = ["docker", "build", "--no-cache", "--force-rm", *options]
    done = subprocess.run(command, input=context, capture_output=True, timeout=120, check=False)
    output = done.stdout.decode()
    assert done.returncode == 0, output + done.stderr.decode()
    built = output.split("Successfully built ")[1].split()[0]
    subprocess.run(["docker", "rmi", "--force", built], capture_output=True, timeout=60, check=True)
    return [line for line in output.splitlines() if line.startswith(("./", "-r", "lr"))]


def test_the_same_files_reach_the_image(sources: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(sources, "shop-0123abc")
    packed.seek(0)
    with build_context(packed) as context:
        ours = _build("-", context=context.tar.read())
    theirs = _build(str(sources))
    assert ours == theirs
    assert "./docs/keep" in ours
    assert "./docs/lost" not in ours
