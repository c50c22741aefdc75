"""Dockerfiles that cannot be read, and contexts that lack something."""

from tests.builds.cases.case import Case, both, buildkit, docker, ours

_BASE = "FROM busybox\n"


def _file(text: str, **others: str) -> dict[str, str]:
    return {"Dockerfile": text, **{name.replace("__", "/"): content for name, content in others.items()}}


CASES: list[Case] = [
    docker("needs_buildkit", "mount", _file(_BASE + "RUN --mount=type=cache,target=/root/.cache true\n"), "--mount"),
    docker("needs_buildkit", "copy-chmod", _file(_BASE + "COPY --chmod=755 a /a\n", a="x"), "--chmod"),
    docker("needs_buildkit", "add-checksum", _file(_BASE + "ADD --checksum=sha256:00 a /a\n", a="x"), "--checksum"),
    docker("needs_buildkit", "copy-link", _file(_BASE + "COPY --link a /a\n", a="x"), "--link"),
    docker("needs_buildkit", "run-network", _file(_BASE + "RUN --network=none true\n"), "--network"),
    docker("needs_buildkit", "run-security", _file(_BASE + "RUN --security=insecure true\n"), "--security"),
    docker("heredoc_unsupported", "run", _file(_BASE + "RUN <<EOF\necho one\necho two\nEOF\n"), "ECHO"),
    docker("heredoc_unsupported", "copy", _file(_BASE + "COPY <<EOF /etc/x\nname = value\nEOF\n"), "NAME"),
    docker("heredoc_unsupported", "apt", _file(_BASE + "RUN <<EOT bash\n  set -ex\n  apt-get update\nEOT\n"), "SET"),
    docker("heredoc_unsupported", "run-quiet", _file(_BASE + "RUN <<-'END'\n\ttrue\n\tEND\n"), "TRUE"),
    *both("dockerfile_syntax", "unknown-instruction", _file(_BASE + "RUM echo hi\n"), "RUM"),
    *both("dockerfile_syntax", "no-arguments", _file(_BASE + "ENV\n"), "ENV"),
    *both("dockerfile_syntax", "copy-one-argument", _file(_BASE + "COPY x\n"), "COPY"),
    *both("dockerfile_syntax", "env-without-value", _file(_BASE + "ENV A\n"), "ENV"),
    *both("dockerfile_syntax", "unknown-flag", _file(_BASE + "COPY --form=x a /a\n"), "--form"),
    *both("dockerfile_syntax", "no-from-first", _file("RUN true\n"), "RUN"),
    *both("dockerfile_syntax", "from-four-words", _file("FROM busybox a b\n"), "FROM"),
    *both(
        "dockerfile_syntax", "bad-json-healthcheck", _file(_BASE + "HEALTHCHECK --interval=x CMD true\n"), "interval"
    ),
    *both("dockerfile_syntax", "bad-port", _file(_BASE + "EXPOSE web\n"), "web"),
    *both("dockerfile_syntax", "quote", _file(_BASE + 'ENV A="b\n'), "ENV"),
    *both("dockerfile_syntax", "stage-name", _file("FROM busybox AS Build!\n"), "Build!"),
    *both("dockerfile_syntax", "markdown-fence", _file("```dockerfile\nFROM busybox\n```\n"), "```"),
    *both("dockerfile_syntax", "onbuild", _file(_BASE + "ONBUILD FROM x\n"), "FROM"),
    *both("dockerfile_syntax", "merge-conflict", _file(_BASE + "<<<<<<< HEAD\nRUN true\n=======\n"), "<<<<<<<"),
    *both("dockerfile_syntax", "stop-signal", _file(_BASE + "STOPSIGNAL SIGFOO\n"), "SIGFOO"),
    *both("dockerfile_empty", "zero-bytes", _file(""), "Dockerfile"),
    *both("dockerfile_empty", "only-comments", _file("# nothing yet\n\n"), "Dockerfile"),
    docker("dockerfile_missing", "no-file", {"a": "x"}, "Dockerfile"),
    docker("dockerfile_missing", "other-path", {"a": "x"}, "deploy/Dockerfile", dockerfile="deploy/Dockerfile"),
    docker("dockerfile_missing", "outside", {"a": "x"}, "../Dockerfile", dockerfile="../Dockerfile"),
    buildkit("dockerfile_missing", "no-file", {"a": "x"}, "Dockerfile"),
    buildkit(
        "dockerfile_missing",
        "other-path",
        {"a": "x"},
        "deploy/Dockerfile",
        options=("--opt", "filename=deploy/Dockerfile"),
    ),
    *both("copy_source_missing", "file", _file(_BASE + "COPY app.py /\n", other="x"), "app.py"),
    *ours("copy_source_missing", "file", _file(_BASE + "COPY app.py /\n", other="x"), "app.py"),
    *ours(
        "stage_unknown", "misspelt", _file("FROM busybox AS builder\nFROM busybox\nCOPY --from=bulder /a /\n"), "bulder"
    ),
    *ours("dockerfile_syntax", "unknown-instruction", _file(_BASE + "RUM echo hi\n"), "RUM"),
    *both("copy_source_missing", "folder", _file(_BASE + "COPY dist/ /srv/\n", src__a="x"), "dist"),
    *both("copy_source_missing", "two", _file(_BASE + "COPY a missing.txt /srv/\n", a="x"), "missing.txt"),
    docker("copy_source_missing", "wildcard", _file(_BASE + "COPY *.jar /srv/\n", a="x"), "*.jar"),
    *both("copy_source_missing", "add", _file(_BASE + "ADD app.tar.gz /srv/\n", a="x"), "app.tar.gz"),
    *both("copy_source_missing", "above", _file(_BASE + "COPY ../shared /srv/\n", a="x"), "shared"),
    *both("copy_source_missing", "from-stage", _file(_BASE + "FROM busybox\nCOPY --from=0 /app/bin /\n"), "/app/bin"),
    buildkit(
        "copy_source_missing",
        "ignored",
        {**_file(_BASE + "COPY dist /srv/\n", dist__a="x", b="y"), ".dockerignore": "dist\n"},
        "dist",
    ),
    *both("bad_image_reference", "unset-argument", _file("ARG BASE\nFROM ${BASE}\n"), "BASE"),
    *both("bad_image_reference", "unset-tag", _file("ARG VERSION\nFROM busybox:${VERSION}\n"), "busybox:"),
    *both(
        "bad_image_reference", "argument-after-from", _file("FROM busybox AS a\nARG V=1\nFROM busybox:$V\n"), "busybox:"
    ),
    *both("bad_image_reference", "upper-case", _file("FROM BusyBox\n"), "BusyBox"),
    *both("bad_image_reference", "two-tags", _file("FROM busybox:1:2\n"), "busybox:1:2"),
    *both("bad_image_reference", "scheme", _file("FROM https://ghcr.io/acme/web\n"), "https://ghcr.io/acme/web"),
    docker("bad_tag", "slash", _file(_BASE), "shop:feature/login", tag="shop:feature/login"),
    docker("bad_tag", "upper-case", _file(_BASE), "Shop:1", tag="Shop:1"),
    docker("bad_tag", "too-long", _file(_BASE), "shop:" + "a" * 20, tag="shop:" + "a" * 129),
    buildkit(
        "bad_tag",
        "slash",
        _file(_BASE),
        "shop:feature/login",
        options=("--output", "type=image,name=shop:feature/login,push=true"),
    ),
    buildkit("bad_tag", "upper-case", _file(_BASE), "Shop:1", options=("--output", "type=image,name=Shop:1,push=true")),
    *both(
        "stage_unknown", "misspelt", _file("FROM busybox AS builder\nFROM busybox\nCOPY --from=bulder /a /\n"), "bulder"
    ),
    docker("stage_unknown", "later", _file("FROM busybox\nCOPY --from=1 /a /\nFROM busybox\n"), "1"),
    *both("stage_unknown", "none", _file("FROM busybox\nCOPY --from=build-env /out /\n"), "build-env"),
    docker("target_unknown", "target", _file("FROM busybox AS app\n"), "prod", target="prod"),
    buildkit("target_unknown", "target", _file("FROM busybox AS app\n"), "prod", options=("--opt", "target=prod")),
]
"""What each of them must name stands after the files."""
