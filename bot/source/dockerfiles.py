"""Which paths of a repository look like Dockerfiles."""

import re
from collections.abc import Iterable

_CODE = re.compile(
    r"(?i).*\.(?:go|py|js|mjs|ts|tsx|rs|rb|java|kt|c|h|cc|cpp|php|sh|md|rst|txt|json|ya?ml|dockerignore)"
)
_NAME = re.compile(r"(?i)(?:.*/)?(?:(?:docker|container)file(?:[.\-_][^/]+)?|[^/]+\.(?:docker|container)file)")


def dockerfiles(paths: Iterable[str]) -> list[str]:
    """`Dockerfile`, `Dockerfile.prod`, `prod.Dockerfile`, `Containerfile`, in any folder; the shortest first."""
    found = (path for path in paths if _NAME.fullmatch(path) and not _CODE.fullmatch(path))
    return sorted(found, key=lambda path: (path.count("/"), len(path), path))
