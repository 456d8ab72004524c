"""Downloads against a server that does everything wrong, and archives that try to leave their directory."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from hrnet_native import DownloadError, InvalidArgumentError, UnsupportedError, default_model
from hrnet_native.cli.main import main
from hrnet_native.family.published import DEFAULT_MODEL
from hrnet_native.family.table import parse_name
from hrnet_native.models import create_model
from hrnet_native.weights.archive import unpack
from hrnet_native.weights.downloader import DownloadOptions, download, find_weights
from hrnet_native.weights.files import Weights, save_weights
from hrnet_native.weights.http import Retries, _redirected, fetch
from hrnet_native.weights.naming import entries
from support import hostile_server as hostile
from support.archives import tar_of, tar_with
from support.full_disk import files_end_at
from support.hostile_server import HostileServer

NAME = "HRNet_W18_C"
WEIGHTS = f"legendary_models/{NAME}_pretrained.pdparams"
ARCHIVE = f"inference/{NAME}_infer.tar"
QUICK = Retries(count=2, backoff=0.01, timeout=60)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile.running() as state:
        yield state


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A weights file as the publisher's, with other numbers."""
    path = tmp_path_factory.mktemp("published") / "w.pdparams"
    table = entries(parse_name(NAME), 1000)
    save_weights(Weights({e.paddleclas: np.full(e.shape, 0.5, np.float32) for e in table}), path)
    return path.read_bytes()


def options(cache: Path, server: HostileServer | None = None, **changes: object) -> DownloadOptions:
    given = {"cache_dir": cache, "mirror": server.url if server else None, "retries": QUICK, "offline": False}
    return DownloadOptions(**(given | changes))  # type: ignore[arg-type]


def get(server: HostileServer, partial: Path, retries: Retries = QUICK, max_bytes: int = 1 << 20) -> bytes:
    fetch(f"{server.url}/f", partial, retries=retries, max_bytes=max_bytes, progress=False)
    return partial.read_bytes()


CONTENT = bytes(range(256)) * 40


def test_download_resumes_where_the_connection_was_cut(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.cut_after(1000)]
    assert get(server, tmp_path / "p") == CONTENT
    assert server.requests == [("/f", None), ("/f", "bytes=1000-")]
    assert [p.name for p in tmp_path.iterdir()] == ["p"]


def test_download_goes_on_in_a_later_process(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.cut_after(1000), hostile.answer(404)]
    with pytest.raises(DownloadError, match="HTTP status 404"):
        get(server, tmp_path / "p")
    assert get(server, tmp_path / "p") == CONTENT
    assert server.requests[-1] == ("/f", "bytes=1000-")


def test_download_starts_anew_when_the_file_changed(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.cut_after(1000, etag='"v0"')]
    assert get(server, tmp_path / "p") == CONTENT
    assert server.requests[-1] == ("/f", "bytes=1000-")


def test_download_starts_anew_where_the_server_cannot_resume(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    server.ranges = False
    server.rules = [hostile.cut_after(1000), hostile.cut_after(500)]
    assert get(server, tmp_path / "p") == CONTENT


@pytest.mark.parametrize("length", [len(CONTENT) + 5, len(CONTENT) * 10])
def test_download_notices_a_length_that_is_not_kept(server: HostileServer, tmp_path: Path, length: int) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.claim_length(length)] * 9
    with pytest.raises(DownloadError, match="after 3 tries"):
        get(server, tmp_path / "p")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_download_tries_again_after_trouble(server: HostileServer, tmp_path: Path, status: int) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.answer(status, Retry_After="0"), hostile.answer(status)]
    assert get(server, tmp_path / "p") == CONTENT
    server.rules = [hostile.answer(status)] * 9
    with pytest.raises(DownloadError, match=f"after 3 tries: HTTP status {status}"):
        get(server, tmp_path / "q")


def test_download_waits_as_long_as_it_is_asked_to(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    server.files["/f"] = CONTENT
    server.rules = [hostile.answer(429, Retry_After="7"), hostile.answer(503)]
    get(server, tmp_path / "p", Retries(count=3, backoff=0.5, timeout=1))
    assert waits == [7, 1]


def test_download_gives_up_at_once_on_what_is_not_there(server: HostileServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="HTTP status 404"):
        get(server, tmp_path / "p")
    assert len(server.requests) == 1


def test_download_survives_a_stall(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    server.rules = [hostile.stall_after(1000)]
    patient = Retries(count=10, backoff=0.01, timeout=1)
    assert get(server, tmp_path / "p", patient) == CONTENT
    assert server.requests[1] == ("/f", "bytes=1000-")


def test_download_follows_redirects_but_not_to_a_lesser_scheme(server: HostileServer, tmp_path: Path) -> None:
    server.files["/g"] = CONTENT
    server.rules = [hostile.redirect("/g")]
    assert get(server, tmp_path / "p") == CONTENT
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/g"):
        server.rules = [hostile.redirect(target)]
        with pytest.raises(DownloadError, match=f"redirects to {target}, which is refused: expected an https address"):
            get(server, tmp_path / "q")
    secure = httpx.Response(302, headers={"Location": "http://127.0.0.1/g"})
    with pytest.raises(DownloadError, match=r"redirects to http://127\.0\.0\.1/g, which is refused"):
        _redirected("https://127.0.0.1/f", secure)
    server.rules = [hostile.redirect("/g")] * 9
    with pytest.raises(DownloadError, match="more than 5 times"):
        get(server, tmp_path / "q")


def test_download_follows_a_redirect_from_http_to_https(server: HostileServer, tmp_path: Path) -> None:
    target = f"{server.url.replace('http:', 'https:')}/g"
    server.rules = [hostile.redirect(target)] * 3
    with pytest.raises(DownloadError, match=r"after 3 tries: .*SSL"):  # followed: this server speaks no TLS
        get(server, tmp_path / "p")


def test_download_to_a_full_disk_keeps_what_came(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    with files_end_at(1000), pytest.raises(OSError, match=r"File too large.*/p'"):
        get(server, tmp_path / "p")
    assert get(server, tmp_path / "p") == CONTENT
    assert server.requests[-1] == ("/f", "bytes=1000-")


def test_download_is_bounded(server: HostileServer, tmp_path: Path) -> None:
    server.files["/f"] = CONTENT
    with pytest.raises(DownloadError, match=f"has {len(CONTENT)} bytes, more than the 999"):
        get(server, tmp_path / "p", max_bytes=999)


def test_download_of_weights_then_from_the_cache(server: HostileServer, tmp_path: Path, published: bytes) -> None:
    server.files[f"/{WEIGHTS}"] = published
    lock = tmp_path / "locks" / "hashes.json"
    path = download(NAME, options=options(tmp_path / "cache", server, lock_file=lock))
    assert path == tmp_path / "cache" / "weights" / f"{NAME}_pretrained.pdparams"
    assert path.read_bytes() == published
    assert json.loads(lock.read_text()) == {
        WEIGHTS: {"sha256": hashlib.sha256(published).hexdigest(), "size": len(published)}
    }
    assert download(NAME, options=options(tmp_path / "cache", offline=True)) == path
    assert len(server.requests) == 1


def test_download_refuses_a_file_that_changed(server: HostileServer, tmp_path: Path, published: bytes) -> None:
    server.files[f"/{WEIGHTS}"] = published
    lock = tmp_path / "hashes.json"
    download(NAME, options=options(tmp_path / "a", server, lock_file=lock))
    table = entries(parse_name(NAME), 1000)
    other = tmp_path / "other.pdparams"
    save_weights(Weights({e.paddleclas: np.full(e.shape, 0.25, np.float32) for e in table}), other)
    server.files[f"/{WEIGHTS}"] = other.read_bytes()
    with pytest.raises(DownloadError, match="not the file that was first seen"):
        download(NAME, options=options(tmp_path / "b", server, lock_file=lock))
    assert not list((tmp_path / "b").rglob("*.pdparams"))
    next((tmp_path / "a").rglob("*.pdparams")).write_bytes(other.read_bytes())
    with pytest.raises(DownloadError, match="not the file that was first seen"):
        download(NAME, options=options(tmp_path / "a", lock_file=lock))


def test_download_refuses_the_wrong_file(server: HostileServer, tmp_path: Path, published: bytes) -> None:
    for content in (b"<html>Not here</html>", published[:-1000], published):
        server.files["/legendary_models/HRNet_W30_C_pretrained.pdparams"] = content
        with pytest.raises(DownloadError, match="is not what it should be"):
            download("HRNet_W30_C", options=options(tmp_path, server))
        assert not list(tmp_path.rglob("*.pdparams"))
        assert not (tmp_path / "weights" / "lock.json").exists()


def test_download_offline_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRNET_NATIVE_OFFLINE", "1")
    with pytest.raises(DownloadError, match="offline"):
        download(NAME, options=options(tmp_path, offline=None))


def test_download_of_what_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="did you mean HRNet_W18_C"):
        download("HRNet_W18", options=options(tmp_path))
    with pytest.raises(UnsupportedError, match="no weights of HRNet_W60_C are published"):
        create_model("HRNet_W60_C", pretrained=True)
    with pytest.raises(InvalidArgumentError, match="ftp://x"):
        download(NAME, options=options(tmp_path, mirror="ftp://x"))
    assert download(DEFAULT_MODEL, "inference") == default_model.DIRECTORY


def test_download_from_a_file_mirror(tmp_path: Path, published: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mirror" / "legendary_models").mkdir(parents=True)
    (tmp_path / "mirror" / WEIGHTS).write_bytes(published)
    monkeypatch.setenv("HRNET_NATIVE_MIRROR", f"file://{tmp_path}/mirror")
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", str(tmp_path / "cache"))
    model = create_model(NAME, pretrained=True)
    assert float(model.conv_last.bn._mean[0]) == 0.5
    assert find_weights(NAME).read_bytes() == published
    assert (tmp_path / "cache" / "weights" / "lock.json").is_file()
    with pytest.raises(DownloadError, match="the mirror has no file"):
        download("HRNet_W30_C")


def _download(cache: Path, url: str) -> None:
    download(NAME, options=DownloadOptions(cache_dir=cache, mirror=url))


def test_download_by_two_processes_fetches_once(server: HostileServer, tmp_path: Path, published: bytes) -> None:
    server.files[f"/{WEIGHTS}"] = published
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_download, args=(tmp_path, server.url)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(server.requests) == 1


def test_download_refuses_an_archive_without_a_model(server: HostileServer, tmp_path: Path) -> None:
    server.files[f"/{ARCHIVE}"] = tar_of({"readme.txt": b"no model"})
    with pytest.raises(DownloadError, match="has no model"):
        download(NAME, "inference", options(tmp_path, server))
    assert [p.name for p in (tmp_path / "weights").iterdir() if p.is_dir()] == []


def test_download_command(tmp_path: Path, published: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mirror" / "legendary_models").mkdir(parents=True)
    (tmp_path / "mirror" / WEIGHTS).write_bytes(published)
    where = ["--cache-dir", str(tmp_path / "cache"), "--mirror", f"file://{tmp_path}/mirror"]
    assert main(["download", NAME, *where, "--lock-file", str(tmp_path / "lock.json")]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/cache/weights/{NAME}_pretrained.pdparams\n"
    assert main(["download", "HRNet_W30_C", *where]) == 1
    assert main(["predict", "x.jpg", "--model", "HRNet_W18"]) == 1
    assert "no such model directory: HRNet_W18; did you mean HRNet_W18_C" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        tar_of({"../escaped": b"x"}),
        tar_of({"a/../../escaped": b"x"}),
        tar_of({"/tmp/escaped": b"x"}),
        tar_of({"C:\\escaped": b"x"}),
        tar_with(tarfile.SYMTYPE),
        tar_with(tarfile.LNKTYPE),
        tar_with(tarfile.FIFOTYPE),
        tar_with(tarfile.CHRTYPE),
        tar_of({"large": b"x" * 2000}),
        tar_of({f"{i}": b"" for i in range(65)}),
        tar_of({"a": b"x" * 1000})[:800],
        b"not a tar archive" * 100,
        b"",
    ],
    ids=["dots", "deep", "absolute", "drive", "sym", "hard", "fifo", "dev", "large", "many", "cut", "text", "empty"],
)
def test_download_unpacks_nothing_outside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    with pytest.raises(InvalidArgumentError, match=r"archive|unpacks"):
        unpack(tmp_path / "a.tar", inside, max_bytes=1500)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar", "deep"]
    assert not any(p.is_symlink() for p in inside.rglob("*"))


def test_download_lock_file_must_be_one(tmp_path: Path, published: bytes, server: HostileServer) -> None:
    server.files[f"/{WEIGHTS}"] = published
    (tmp_path / "lock.json").write_text("[1]")
    with pytest.raises(DownloadError, match="not a lock file"):
        download(NAME, options=options(tmp_path, server, lock_file=tmp_path / "lock.json"))
