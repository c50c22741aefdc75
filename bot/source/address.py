"""Repositories as people write them, checked before git sees them: `ext::`, options and ways out are refused.

Forms: https://git-scm.com/docs/git-clone#_git_urls, of which https and ssh are allowed, and names below a root folder.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.source.tarball import show
from commands.base.errors import NotFound, UsageError
from explainers.diagnosis.near import nearest

LONGEST = 300
MOST = 1000
"""Repositories in one list."""
FORM = "write it like org/repo, https://example.com/org/repo.git or git@example.com:org/repo.git"
_HOST = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])"
_PORT = r"(?::(?P<port>[0-9]{1,5}))?"
_PATH = r"(?P<path>[A-Za-z0-9_~%.+][A-Za-z0-9_~%.+@\-]*(?:/[A-Za-z0-9_~%.+][A-Za-z0-9_~%.+@\-]*)*)/?"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"
_REMOTE = (
    re.compile(rf"(?i:https)://{_HOST}{_PORT}/{_PATH}"),
    re.compile(rf"ssh://(?:{_USER}@)?{_HOST}{_PORT}/{_PATH}"),
    re.compile(rf"{_USER}@{_HOST}:(?P<port>)/?{_PATH}"),
)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*/[A-Za-z0-9_.\-]+")
_DOTS = {".", ".."}
_LOGIN = re.compile(r"(?i)https?://[^/]*@|//[^/@]*:[^/@]*@")


@dataclass(frozen=True)
class Address:
    """What git is given, and what people are told. `host` has its port where there is one; empty for a folder."""

    url: str
    host: str
    path: str

    @property
    def shown(self) -> str:
        return f"{self.host}/{self.path}" if self.host else self.path


def parse_address(written: str, root: Path | None = None) -> Address:
    """The address of a repository. Raises UsageError that says the right form, NotFound for a folder not there."""
    text = written.strip()
    if len(text) > LONGEST:
        raise UsageError(f"{show(text)} is no repository: it has more than {LONGEST} characters.", FORM)
    if _LOGIN.search(text):
        raise UsageError("The address of the repository has a login in it.", "leave it out; use /connect for the login")
    for form in _REMOTE:
        found = form.fullmatch(text)
        if found and not _DOTS & set(found["path"].split("/")):
            host = f"{found['host']}:{found['port']}" if found["port"] else found["host"]
            return Address(text, host.lower(), found["path"].removesuffix(".git"))
    if root and (folder := _folder(text, root)):
        return Address(str(folder), "", text)
    if _NAME.fullmatch(text) and not _DOTS & set(text.split("/")):
        return Address(f"https://github.com/{text.removesuffix('.git')}.git", "github.com", text.removesuffix(".git"))
    raise UsageError(f"{show(text) or 'Nothing'} is no repository that may be asked for.", FORM)


def is_folder(written: str, root: Path | None) -> bool:
    """Whether this names a folder below the root."""
    return root is not None and _inside(written.strip(), root) is not None


def below(root: Path) -> list[str]:
    """The repositories in a folder, such as `shop`, and in its folders, such as `team/shop`; the first thousand."""
    found: list[str] = []
    for pattern in ("*", "*/*"):
        for folder in sorted(root.glob(pattern)):
            name = folder.relative_to(root).as_posix()
            held = any(name.startswith(f"{each}/") for each in found)
            if not held and _holds_git(folder) and _inside(name, root):
                found.append(name)
    return found[:MOST]


def _holds_git(folder: Path) -> bool:
    """Whether this looks like a repository, bare or with its files."""
    return (folder / ".git").exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir())


def github_name(written: str, host: str = "github.com") -> str:
    """`org/repo` when this is a repository at that GitHub; empty when it is elsewhere or not one."""
    try:
        address = parse_address(written)
    except UsageError:
        return ""
    plain = _NAME.fullmatch(written.strip())
    return address.path if (plain or address.host == host) and _NAME.fullmatch(address.path) else ""


def _folder(text: str, root: Path) -> Path | None:
    """The folder meant. Raises NotFound, with the nearest, for a plain name that is not there."""
    inside = _inside(text, root)
    if inside or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", text):
        return inside
    names = [each.name for each in root.iterdir() if each.is_dir()]
    near = nearest(text, names)
    raise NotFound(
        f"There is no repository {text}.",
        f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(names)[:5]) or 'none'}",
    )


def _inside(text: str, root: Path) -> Path | None:
    """The folder below the root, links followed; None when it is not there or not below."""
    if not text or "\0" in text or text.startswith("-"):
        return None
    base = root.resolve()
    path = (base / text.removeprefix("file://")).resolve()
    return path if path.is_relative_to(base) and path != base and path.is_dir() else None
