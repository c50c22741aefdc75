"""A commit's tarball, streamed.

GitHub answers with the address of another of its servers, which has a short-lived token of its own in it:
https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar. Ours is sent to the API alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast
from urllib.parse import urljoin, urlsplit

import urllib3

from bot.source.github.failures import Patience, limited
from commands.base.errors import Denied, NotFound, TesseraError, Unavailable

REDIRECTS = 3
CONNECT, READ = 10.0, 60.0


@contextmanager
def download(url: str, headers: Mapping[str, str], repository: str, patience: Patience) -> Iterator[IO[bytes]]:
    """The body behind a tarball's address. Raises NotFound, Denied, Unavailable."""
    patience.check()
    host = urlsplit(url).netloc
    timeout = urllib3.Timeout(connect=CONNECT, read=READ)
    try:
        with urllib3.PoolManager(timeout=timeout, retries=urllib3.Retry(2, redirect=False, other=0)) as pool:
            response = _follow(pool, url, headers)
            try:
                if response.status != 200:
                    raise _refused(host, repository, response, patience)
                yield cast(IO[bytes], response)
            finally:
                response.close()
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(
            f"{host} broke off the download of {repository}.", "try again; nothing was changed"
        ) from error


def _follow(pool: urllib3.PoolManager, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
    first, sent = urlsplit(url), dict(headers)
    for _ in range(REDIRECTS):
        response = pool.request("GET", url, headers=sent, redirect=False, preload_content=False)
        location = response.headers.get("location", "")
        if response.status not in (301, 302, 303, 307, 308) or not location:
            return response
        response.close()
        url = urljoin(url, location)
        there = urlsplit(url)
        if there.scheme != first.scheme:
            raise Denied(
                f"{first.netloc} sends us to {there.scheme}://{there.netloc}, which is not safe.", "ask who runs it"
            )
        if there.netloc != first.netloc:
            sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
    raise Unavailable(f"{first.netloc} sends us from one address to the next.", "try again later")


def _refused(host: str, repository: str, response: urllib3.BaseHTTPResponse, patience: Patience) -> TesseraError:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if limited(response.status, "", headers):
        return patience.refuse(headers)
    match response.status:
        case 404:
            return NotFound(f"{repository} has no such commit.", "it may have been replaced by a forced push")
        case 401 | 403:
            return Denied(f"{host} does not let us download {repository}.", "check the login with /connect")
        case status:
            return Unavailable(f"{host} answers {status} to the download of {repository}.", "try again")
