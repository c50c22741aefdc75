"""Git that finds no repository, no ref, no access."""

import subprocess
from pathlib import Path

from tests.builds import stubs
from tests.builds.captured import Output
from tests.builds.cases.case import Act, Case, Parts
from tests.builds.programs import ended
from tests.builds.stubs import Reply, serving

_ASKS = Reply(401, "", {"WWW-Authenticate": 'Basic realm="code"'})
_NONE = "0123456789abcdef0123456789abcdef01234567"


def repository(folder: Path) -> Path:
    """A repository with one commit on the branch main, made once."""
    path = folder / "shop.git"
    if not path.exists():
        work = folder / "shop"
        run = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(work)]
        subprocess.run(["git", "init", "-q", "-b", "main", str(work)], check=True)
        subprocess.run([*run, "commit", "-q", "--allow-empty", "-m", "First"], check=True)
        subprocess.run(["git", "clone", "-q", "--bare", str(work), str(path)], check=True)
    return path


def _git(*arguments: str) -> Act:
    """git in the folder of the parts, where `shop.git` is a repository."""

    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        repository(parts.folder)
        return ended(["git", *arguments], folder=str(parts.folder)), ()

    return act


def _from_stub(answers: stubs.Answers, path: str = "/acme/shop.git", user: str = "", tls: bool = False) -> Act:
    """git against a server that answers so; the address must be named."""

    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        with serving(answers, tls="127.0.0.1" if tls else "") as address:
            url = f"http{'s' if tls else ''}://{user}{address}{path}"
            return ended(["git", "ls-remote", url], folder=str(parts.folder)), (address,)

    return act


def _everything(reply: Reply) -> stubs.Answers:
    return lambda _method, _path, _host: reply


def _refused(parts: Parts) -> tuple[Output, tuple[str, ...]]:
    with stubs.nobody() as address:
        return ended(["git", "ls-remote", f"http://{address}/acme/shop.git"], folder=str(parts.folder)), (address,)


def _case(kind: str, variant: str, act: Act, *names: str, how: str = "", retry: bool = False) -> Case:
    return Case(kind, f"{variant}-git", "git", how or f"git {variant}", names, act, retry)


CASES: list[Case] = [
    _case("repo_unknown", "no-path", _git("ls-remote", "/srv/git/shopp.git"), "/srv/git/shopp.git"),
    _case("repo_unknown", "clone-path", _git("clone", "/srv/git/shopp.git", "copy"), "/srv/git/shopp.git"),
    _case(
        "repo_unknown",
        "http-404",
        _from_stub(_everything(Reply(404))),
        "acme/shop",
        how="ls-remote of a server that answers 404",
    ),
    _case("repo_unknown", "not-a-folder", _git("-C", "/", "rev-parse", "HEAD"), how="rev-parse outside a repository"),
    _case("ref_unknown", "fetch", _git("-C", "shop.git", "fetch", ".", "feture/login"), "feture/login"),
    _case("ref_unknown", "clone-branch", _git("clone", "--branch", "feture/login", "shop.git", "copy"), "feture/login"),
    _case("ref_unknown", "archive", _git("-C", "shop.git", "archive", "feture/login"), "feture/login"),
    _case("ref_unknown", "archive-commit", _git("-C", "shop.git", "archive", _NONE), _NONE[:7]),
    _case("ref_unknown", "rev-parse", _git("-C", "shop.git", "rev-parse", "feture/login"), "feture/login"),
    _case("ref_unknown", "rev-parse-verify", _git("-C", "shop.git", "rev-parse", "--verify", "feture/login^{commit}")),
    _case("ref_unknown", "checkout", _git("-C", "shop", "checkout", "feture/login"), "feture/login"),
    _case("ref_unknown", "fetch-commit", _git("-C", "shop", "fetch", "../shop.git", _NONE), _NONE[:7]),
    _case("ref_unknown", "show", _git("-C", "shop.git", "show", _NONE), _NONE[:7]),
    _case("ref_unknown", "log", _git("-C", "shop.git", "log", "feture/login"), "feture/login"),
    _case("git_auth_failed", "asks", _from_stub(_everything(_ASKS)), how="ls-remote of a server that wants a login"),
    _case(
        "git_auth_failed",
        "wrong-password",
        _from_stub(_everything(_ASKS), user="tessera:wrong@"),
        how="the same with a wrong password in the address",
    ),
    _case(
        "git_auth_failed",
        "forbidden",
        _from_stub(_everything(Reply(403))),
        how="ls-remote of a server that answers 403",
    ),
    _case(
        "dns_failure",
        "ls-remote",
        _git("ls-remote", "https://code.nowhere.invalid/acme/shop.git"),
        "code.nowhere.invalid",
        retry=True,
    ),
    _case("registry_refused", "ls-remote", _refused, how="ls-remote of a port where nothing listens", retry=True),
    _case(
        "tls_untrusted",
        "ls-remote",
        _from_stub(_everything(Reply(404)), tls=True),
        how="ls-remote of a server whose certificate signed itself",
    ),
    _case(
        "proxy_limit_or_timeout",
        "ls-remote-reset",
        _from_stub(_everything(Reply(0))),
        how="ls-remote of a server that resets connections",
        retry=True,
    ),
    _case(
        "proxy_limit_or_timeout",
        "ls-remote-502",
        _from_stub(_everything(Reply(502))),
        how="ls-remote of a server that answers 502",
        retry=True,
    ),
    _case(
        "rate_limited",
        "ls-remote",
        _from_stub(_everything(Reply(429))),
        how="ls-remote of a server that answers 429",
        retry=True,
    ),
]
