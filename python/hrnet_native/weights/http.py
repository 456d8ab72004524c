"""Fetches one file over HTTP: resumed, retried, and never more or less than the server announced."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import IO, Final
from urllib.parse import urljoin, urlsplit

import httpx
from tqdm import tqdm

from hrnet_native.bundle.whole_file import naming
from hrnet_native.errors import DownloadError

_MAX_REDIRECTS: Final = 5
_MAX_WAIT_S: Final = 60.0
# Statuses that may pass: time-out, too many requests, trouble of the server.
_TRANSIENT: Final = frozenset((408, 425, 429, 500, 502, 503, 504))


@dataclasses.dataclass(frozen=True)
class Retries:
    """How long to keep trying.

    Attributes:
        count: Tries after the first; one that brings new bytes does not count.
        backoff: Seconds before the first of them; doubled each time, and at least what the server asks for.
        timeout: Seconds without a byte after which a connection counts as dead.
    """

    count: int = 5
    backoff: float = 1.0
    timeout: float = 30.0


class _TransientError(Exception):
    """Something that may be gone at the next try."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


def fetch(url: str, partial: Path, *, retries: Retries, max_bytes: int, progress: bool) -> None:
    """Fetches ``url`` into ``partial``, going on where an earlier call stopped if the file is still the same.

    Raises:
        DownloadError: It cannot be had: the message says why. What has come stays for the next call.
        OSError: ``partial`` cannot be written.
    """
    tries = 0
    with httpx.Client(timeout=retries.timeout, follow_redirects=False) as client:
        while True:
            before = partial.stat().st_size if partial.exists() else 0
            try:
                return _fetch_once(client, url, partial, max_bytes, progress=progress)
            except (httpx.TransportError, _TransientError) as error:
                came = partial.exists() and partial.stat().st_size > before
                tries = 0 if came else tries + 1
                if tries > retries.count:
                    message = str(error) or type(error).__name__
                    raise DownloadError(f"cannot fetch {url} after {tries} tries: {message}") from error
                wait = max(retries.backoff * 2 ** max(tries - 1, 0), getattr(error, "wait", 0.0))
                time.sleep(min(wait, _MAX_WAIT_S))
            except httpx.HTTPError as error:
                raise DownloadError(f"cannot fetch {url}: {error}") from error
            except httpx.InvalidURL as error:
                raise DownloadError(f"{url!r} is not an address: {error}") from error


def _fetch_once(client: httpx.Client, url: str, partial: Path, max_bytes: int, *, progress: bool) -> None:
    state = partial.with_name(f"{partial.name}.json")
    validator = _known_validator(state, url) if partial.exists() else None
    offset = partial.stat().st_size if validator else 0
    origin = url
    headers = {"Accept-Encoding": "identity"}
    if offset and validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
    for _ in range(_MAX_REDIRECTS + 1):
        with client.stream("GET", url, headers=headers) as response:
            if response.is_redirect:
                url = _redirected(url, response)
                continue
            if response.status_code == 416:
                partial.unlink(missing_ok=True)
                raise _TransientError("the server has no more bytes than came before")
            total = _total(url, response, offset)
            if total is not None and total > max_bytes:
                raise DownloadError(f"{url} has {total} bytes, more than the {max_bytes} that such a file may have")
            resumed = response.status_code == 206
            _note_validator(state, origin, response)
            with naming(partial), partial.open("ab" if resumed else "wb") as stream:
                _copy(response, stream, total, max_bytes, name=Path(urlsplit(origin).path).name if progress else None)
        state.unlink(missing_ok=True)
        return
    raise DownloadError(f"{url} redirects more than {_MAX_REDIRECTS} times")


def _copy(response: httpx.Response, stream: IO[bytes], total: int | None, max_bytes: int, *, name: str | None) -> None:
    """Writes what comes; with a name it is shown beside a progress bar."""
    with tqdm(
        desc=name, total=total, initial=stream.tell(), unit="B", unit_scale=True, disable=None if name else True
    ) as bar:
        for chunk in response.iter_raw():
            stream.write(chunk)
            bar.update(len(chunk))
            if stream.tell() > max_bytes:
                raise DownloadError(f"{response.url} sends more than {max_bytes} bytes")
    if total is not None and stream.tell() != total:
        raise _TransientError(f"{stream.tell()} of {total} bytes came")


def _redirected(url: str, response: httpx.Response) -> str:
    """Where to; from http to https too, as mirrors do, and never back."""
    target: str = urljoin(url, response.headers.get("Location", ""))
    scheme = urlsplit(target).scheme
    if scheme != "https" and scheme != urlsplit(url).scheme:
        raise DownloadError(f"{url} redirects to {target}, which is refused: expected an https address")
    return target


def _total(url: str, response: httpx.Response, offset: int) -> int | None:
    """Length of the whole file; None if the server does not say."""
    status = response.status_code
    if status in _TRANSIENT:
        wait = response.headers.get("Retry-After", "")
        raise _TransientError(f"HTTP status {status}", float(wait) if wait.isdigit() else 0.0)
    if status not in (200, 206):
        raise DownloadError(f"cannot fetch {url}: HTTP status {status} {response.reason_phrase}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise DownloadError(f"{url} comes encoded as {response.headers['Content-Encoding']}, which was not asked for")
    if status == 200:
        length = response.headers.get("Content-Length")
        return int(length) if length else None
    begin, _, total = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    if begin.split("-")[0] != str(offset) or not total.isdigit():
        raise DownloadError(f"{url} answers a request for bytes from {offset} with {begin!r} of {total!r}")
    return int(total)


def _known_validator(state: Path, url: str) -> str | None:
    """What tells that the server's file is still the one that the partial file began with."""
    try:
        known = json.loads(state.read_text(encoding="utf-8"))
        return str(known["validator"]) if known["url"] == url else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note_validator(state: Path, url: str, response: httpx.Response) -> None:
    tag = response.headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
    if validator:
        state.write_text(json.dumps({"url": url, "validator": validator}), encoding="utf-8")
    else:
        state.unlink(missing_ok=True)
