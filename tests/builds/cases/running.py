"""Instructions that run and fail: programs of many kinds, memory, architecture, missing shells."""

import struct

from tests.builds.cases.case import Case, both, buildkit, docker, ours

TOOLS = "FROM debian:bookworm\nRUN apt-get -qq update && apt-get install -y -qq --no-install-recommends gcc libc6-dev "
TOOLS += "make npm golang-go cargo default-jdk-headless maven > /dev/null\nWORKDIR /app\n"
"""A base with compilers, once made and then in the engine's cache."""
ARM = (
    b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
)
ARM += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0x80, 0x80, 0x1000) + bytes(64)
"""The smallest program for 64-bit ARM that a kernel takes for one."""


def _run(line: str, base: str = "FROM python:3.11\n", **files: str | bytes) -> dict[str, str | bytes]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    copy = "COPY . /app/\nWORKDIR /app\n" if named else ""
    return {"Dockerfile": f"{base}{copy}RUN {line}\n", **named}


def _tool(variant: str, line: str, *names: str, kind: str = "run_failed", retry: bool = False, **files: str) -> Case:
    return docker(kind, variant, _run(line, TOOLS, **files), *names, retry=retry)


_EATER = 'python3 -c "x = [bytearray(1 << 20) for _ in range(4000)]"'
_PACKAGE = '{"name": "shop", "version": "1.0.0", "scripts": {"build": "node build.js"}, '

_PARALLEL = {
    "Dockerfile": "FROM busybox AS a\nRUN sleep 1; echo 'Error: no key' >&2; exit 4\nFROM busybox AS b\nRUN sleep 0.7\n"
    "RUN for i in 1 2 3 4 5 6 7 8 9; do echo chatter $i; sleep 0.1; done\n"
    "FROM busybox\nCOPY --from=a /etc /a\nCOPY --from=b /etc /b\n"
}
"""Two stages that BuildKit builds at the same time."""

CASES: list[Case] = [
    *both("run_failed", "exit", _run("echo preparing && exit 3"), "exit 3", "3"),
    *ours("run_failed", "exit", _run("echo preparing && exit 3"), "exit 3", "3"),
    *ours("run_failed", "silent", _run("false"), "false"),
    *ours("run_failed", "not-found", _run("yarn install"), "yarn"),
    *ours("run_failed", "pip-no-version", _run("pip install --no-cache-dir flask==99.1"), "flask==99.1"),
    *ours("no_shell", "scratch", {"Dockerfile": "FROM scratch\nCOPY a /\nRUN echo hi\n", "a": "x"}, "echo hi"),
    *both("run_failed", "many-lines", _run("true && \\\n    echo hi && \\\n    nosuchtool --fast"), "nosuchtool"),
    *ours("run_failed", "many-lines", _run("true && \\\n    echo hi && \\\n    nosuchtool --fast"), "nosuchtool"),
    *ours("run_failed", "parallel", _PARALLEL, "no key", "4"),
    *both("run_failed", "parallel", _PARALLEL, "no key", "4"),
    *both("run_failed", "silent", _run("false"), "false"),
    *both("run_failed", "not-found", _run("yarn install"), "yarn"),
    *both("run_failed", "not-found-bash", _run('["bash", "-c", "poetry install"]'), "poetry"),
    *both("run_failed", "not-found-exec-form", _run('["gradle", "build"]'), "gradle"),
    *both("run_failed", "not-found-path", _run("./build.sh", b__txt="x"), "./build.sh"),
    *both(
        "run_failed", "not-executable", _run("chmod -x build.sh && ./build.sh", build__sh="#!/bin/sh\n"), "./build.sh"
    ),
    docker("run_failed", "not-executable-exec-form", _run('["/etc/hostname"]'), "/etc/hostname"),
    *both("run_failed", "pip-no-version", _run("pip install --no-cache-dir flask==99.1"), "flask==99.1"),
    docker("run_failed", "pip-no-package", _run("pip install tessera-no-such-package"), "tessera-no-such-package"),
    docker("run_failed", "pip-no-file", _run("pip install -r requirements.txt"), "requirements.txt"),
    docker("run_failed", "pip-conflict", _run("pip install 'idna<3' 'idna>=3'"), "idna"),
    docker(
        "run_failed",
        "pip-externally-managed",
        _run(
            "touch $(python3 -c 'import sysconfig as s; print(s.get_path(\"stdlib\"))')/EXTERNALLY-MANAGED && pip "
            "install six"
        ),
        "externally-managed-environment",
    ),
    docker("run_failed", "python-import", _run('python3 -c "import shopkit"'), "shopkit"),
    docker(
        "run_failed",
        "python-traceback",
        _run("python3 setup.py", setup__py='raise ValueError("no version set")\n'),
        "no version set",
    ),
    docker("run_failed", "python-syntax", _run("python3 -m compileall -q .", a__py="def f(:\n"), "SyntaxError"),
    docker(
        "run_failed",
        "python-tests",
        _run(
            "python3 -m unittest -q test_shop",
            test_shop__py="import unittest\nclass T(unittest.TestCase):\n  def test_price(self): "
            "self.assertEqual(1, 2)\n",
        ),
        "1 != 2",
    ),
    docker(
        "run_failed", "apt-no-package", _run("apt-get update -qq && apt-get install -y libnosuch-dev"), "libnosuch-dev"
    ),
    docker(
        "run_failed", "apt-no-lists", _run("rm -rf /var/lib/apt/lists/* && apt-get install -y jq-nosuch"), "jq-nosuch"
    ),
    docker(
        "run_failed", "apt-not-root", _run("apt-get update", "FROM debian:bookworm\nUSER 1000\n"), "Permission denied"
    ),
    docker("run_failed", "permission", _run("mkdir /srv/data", "FROM busybox\nUSER 1000\n"), "Permission denied"),
    docker("run_failed", "no-such-file", _run("cp config.example.yaml config.yaml"), "config.example.yaml"),
    docker("run_failed", "segfault", _run("sh -c 'kill -SEGV $$'; exit $?"), "139"),
    docker("run_failed", "curl-404", _run("curl -fsSL https://pypi.org/tessera-no-such -o x"), "404"),
    docker("run_failed", "git-clone-private", _run("git clone https://pypi.org/acme/private.git"), "pypi.org"),
    docker("run_failed", "unknown-user", _run("true", "FROM busybox\nUSER shopkeeper\n"), "shopkeeper"),
    buildkit("run_failed", "unknown-user", _run("true", "FROM busybox\nUSER shopkeeper\n"), "shopkeeper"),
    _tool("gcc-compile", "gcc -c main.c", "main.c", main__c="int main(void) { return shop; }\n"),
    _tool("gcc-header", "gcc -c main.c", "shop.h", main__c="#include <shop.h>\n"),
    _tool("gcc-link", "gcc main.c -lshop", "lshop", main__c="int main(void) { return 0; }\n"),
    _tool("make-no-rule", "make release", "release", Makefile="all:\n\ttrue\n"),
    _tool("make-failed", "make", "Makefile", Makefile="all:\n\texit 7\n"),
    _tool(
        "go-compile",
        "go build ./...",
        "main.go",
        go__mod="module shop\ngo 1.19\n",
        main__go="package main\nfunc main() { undefinedThing() }\n",
    ),
    _tool("go-no-module", "go build ./...", "go.mod", main__go="package main\nfunc main() {}\n"),
    _tool(
        "go-missing-sum",
        "go build ./...",
        "go.sum",
        go__mod="module shop\ngo 1.19\nrequire github.com/google/uuid v1.3.0\n",
        main__go='package main\nimport _ "github.com/google/uuid"\nfunc main() {}\n',
    ),
    _tool(
        "go-version",
        "go build ./...",
        "slices",
        go__mod="module shop\ngo 1.99\n",
        main__go='package main\nimport "slices"\nfunc main() { _ = slices.Max[[]int] }\n',
    ),
    _tool(
        "go-private-module",
        "go mod download",
        "private",
        go__mod="module shop\ngo 1.19\nrequire github.com/tessera-no-such/private v1.0.0\n",
    ),
    _tool("npm-no-package", "npm install tessera-no-such-package", "tessera-no-such-package"),
    _tool("npm-ci-no-lock", "npm ci", "npm ci", package__json=_PACKAGE + '"dependencies": {}}'),
    _tool(
        "npm-no-version", "npm install", "left-pad@99", package__json=_PACKAGE + '"dependencies": {"left-pad": "99"}}'
    ),
    _tool("npm-no-script", "npm run bundle", "bundle", package__json=_PACKAGE + '"dependencies": {}}'),
    _tool(
        "npm-script",
        "npm run build",
        "no API_URL",
        package__json=_PACKAGE + '"dependencies": {}}',
        build__js="throw new Error('no API_URL')\n",
    ),
    _tool("npm-no-manifest", "npm install", "package.json", a__txt=""),
    _tool("node-module", "node server.js", "express", server__js="require('express')\n"),
    _tool(
        "npm-peer",
        "npm install",
        "react",
        package__json=_PACKAGE + '"dependencies": {"react": "16.0.0", "react-dom": "18.2.0"}}',
    ),
    _tool(
        "node-heap",
        "node --max-old-space-size=16 a.js",
        "heap out of memory",
        a__js="const a = []; while (true) a.push(new Array(1000).fill('x'))\n",
    ),
    _tool(
        "cargo-compile",
        "cargo build",
        "shop",
        Cargo__toml='[package]\nname = "shop"\nversion = "0.1.0"\n[[bin]]\nname = "shop"\npath = "main.rs"\n',
        main__rs="fn main() { shop() }\n",
    ),
    _tool("cargo-no-manifest", "cargo build", "Cargo.toml", a__txt=""),
    _tool("java-compile", "javac Shop.java", "Shop.java", Shop__java="class Shop { int a = b; }\n"),
    _tool("maven-no-pom", "mvn -q package", "POM", a__txt=""),
    docker(
        "dns_failure",
        "run-curl",
        _run("curl -fsS https://files.nowhere.invalid/x"),
        "files.nowhere.invalid",
        retry=True,
    ),
    docker(
        "dns_failure",
        "run-wget",
        _run("wget -q https://files.nowhere.invalid/x || wget https://files.nowhere.invalid/x"),
        "files.nowhere.invalid",
        retry=True,
    ),
    docker(
        "dns_failure",
        "run-pip",
        _run("pip install --retries 1 -i https://pypi.nowhere.invalid/simple six"),
        "pypi.nowhere.invalid",
        retry=True,
    ),
    docker(
        "dns_failure",
        "run-apt",
        _run(
            "sed -i s/deb.debian.org/deb.nowhere.invalid/ /etc/apt/sources.list.d/* && apt-get -o "
            "APT::Update::Error-Mode=any update",
            "FROM debian:bookworm\n",
        ),
        "deb.nowhere.invalid",
        retry=True,
    ),
    docker(
        "dns_failure", "run-git", _run("git clone https://git.nowhere.invalid/a.git"), "git.nowhere.invalid", retry=True
    ),
    _tool(
        "run-npm",
        "npm install --fetch-retries 0 --registry https://npm.nowhere.invalid six",
        "npm.nowhere.invalid",
        kind="dns_failure",
        retry=True,
    ),
    _tool(
        "run-go",
        "GOPROXY=https://go.nowhere.invalid GOFLAGS=-mod=mod go get github.com/google/uuid",
        "go.nowhere.invalid",
        kind="dns_failure",
        retry=True,
        go__mod="module shop\ngo 1.19\n",
    ),
    buildkit(
        "dns_failure",
        "run-curl",
        _run("curl -fsS https://files.nowhere.invalid/x"),
        "files.nowhere.invalid",
        retry=True,
    ),
    *both("no_shell", "scratch", {"Dockerfile": "FROM scratch\nCOPY a /\nRUN echo hi\n", "a": "x"}, "echo hi"),
    *both("no_shell", "other-shell", _run("echo hi", 'FROM busybox\nSHELL ["/bin/zsh", "-c"]\n'), "/bin/zsh"),
    docker(
        "oom_killed",
        "limit",
        _run(_EATER),
        "python3",
        memory=64 << 20,
        memswap=64 << 20,
        how="a build limited to 64 MiB that takes 4 GiB",
    ),
    docker(
        "oom_killed",
        "child",
        _run("sh eat.sh || exit 1", eat__sh=f"{_EATER}\necho stopped\nexit 1\n"),
        "eat.sh",
        memory=64 << 20,
        memswap=64 << 20,
        how="the same in a child process",
    ),
    *both(
        "oom_killed",
        "signal",
        _run("sh -c 'kill -9 $$'; exit $?"),
        "kill -9",
        how="a process that ends by SIGKILL, as the kernel ends it",
    ),
    docker(
        "disk_full", "run-device", _run("dd if=/dev/zero of=/dev/shm/x bs=1M count=80"), "/dev/shm/x", shmsize=8 << 20
    ),
    docker(
        "disk_full",
        "run-python",
        _run("python3 -c \"open('/dev/shm/x', 'wb').write(bytes(80 << 20))\""),
        "python3",
        shmsize=8 << 20,
    ),
    *both("exec_format", "arm-program", _run("./app", app=ARM), "./app"),
    *both("exec_format", "arm-program-exec-form", _run('["./app"]', app=ARM), "./app"),
    *both(
        "exec_format", "arm-shell", {"Dockerfile": "FROM scratch\nCOPY sh /bin/sh\nRUN echo hi\n", "sh": ARM}, "echo hi"
    ),
    docker(
        "exec_format",
        "crlf-bash",
        _run('["bash", "-c", "./build.sh"]', build__sh="#!/bin/bash\r\nset -e\r\n"),
        "build.sh",
    ),
    docker("exec_format", "crlf-env", _run("./build.sh", build__sh="#!/usr/bin/env bash\r\nset -e\r\n"), "bash"),
    docker("exec_format", "crlf-sh-body", _run("sh build.sh", build__sh="set -e\r\necho hi\r\n"), "build.sh"),
    docker("exec_format", "crlf-bash-body", _run("bash build.sh", build__sh="cd /tmp\r\nmake all\r\n"), "build.sh"),
    docker("run_failed", "crlf-dash", _run("./build.sh", build__sh="#!/bin/sh\r\necho hi\r\n"), "./build.sh"),
    *both("run_failed", "crlf-exec-form", _run('["./build.sh"]', build__sh="#!/bin/sh\r\necho hi\r\n"), "./build.sh"),
]
"""What each of them must name stands after the files."""
