"""From the name of a published model to its weights or its ready bundle on this machine."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from filelock import FileLock

from hrnet_native import default_model
from hrnet_native._cache_directory import cache_root
from hrnet_native.errors import DownloadError, InvalidArgumentError, UnsupportedError
from hrnet_native.family.published import (
    DEFAULT_MODEL,
    MODELS,
    PUBLISHER,
    PublishedModel,
    find_model,
    imagenet_labels,
    resolve_architecture,
)
from hrnet_native.weights.archive import MAX_BYTES, unpack
from hrnet_native.weights.conversion import convert
from hrnet_native.weights.files import read_weights
from hrnet_native.weights.http import Retries, fetch
from hrnet_native.weights.lock_file import check_or_add

Kind = Literal["weights", "inference"]

_INFERENCE_SUFFIXES: Final = (".pdmodel", ".json")


@dataclasses.dataclass(frozen=True)
class DownloadOptions:
    """Where from, where to, and how patiently. None: what the environment says, else the default.

    Attributes:
        cache_dir: Root of the cache (``HRNET_NATIVE_CACHE_DIR``; default ``$XDG_CACHE_HOME/hrnet_native``).
        mirror: Address that stands for the publisher's, ``http(s)://`` or ``file://`` (``HRNET_NATIVE_MIRROR``).
        offline: Fetch nothing (``HRNET_NATIVE_OFFLINE=1``).
        lock_file: Hashes of files seen before (``HRNET_NATIVE_LOCK_FILE``; default in the cache).
        progress: Show a progress bar on a terminal's stderr.
        retries: How long to keep trying.
    """

    cache_dir: Path | None = None
    mirror: str | None = None
    offline: bool | None = None
    lock_file: Path | None = None
    progress: bool = False
    retries: Retries = Retries()  # noqa: RUF009 (frozen)

    def directory(self) -> Path:
        """Where downloaded weights are kept."""
        return cache_root(self.cache_dir) / "weights"

    def address(self) -> str:
        """The beginning of all addresses."""
        address = (self.mirror or os.environ.get("HRNET_NATIVE_MIRROR") or PUBLISHER).rstrip("/")
        if urlsplit(address).scheme not in ("http", "https", "file"):
            raise InvalidArgumentError(f"a mirror must be an http, https or file address, not {address!r}")
        return address

    def is_offline(self) -> bool:
        """Whether nothing may be fetched."""
        return os.environ.get("HRNET_NATIVE_OFFLINE", "0") not in ("", "0") if self.offline is None else self.offline

    def hashes(self) -> Path:
        """The lock file."""
        given = self.lock_file or os.environ.get("HRNET_NATIVE_LOCK_FILE")
        return Path(given) if given else self.directory() / "lock.json"


def download(name: str, kind: Kind = "weights", options: DownloadOptions | None = None) -> Path:
    """Returns a published model's weights file, or the directory of its bundle; fetches it the first time.

    A file counts once its length, its contents (every tensor of that network, or a whole model) and its hash were
    checked; until then, and after any failure, there is none under its name.

    Raises:
        InvalidArgumentError: There is no such model.
        UnsupportedError: Nothing of this kind is published for it.
        DownloadError: It cannot be fetched, is not what it should be, or has changed since it was first seen.
    """
    options = options or DownloadOptions()
    model = find_model(name)
    if name == DEFAULT_MODEL and kind == "inference":
        return default_model.DIRECTORY
    path = model.weights_path if kind == "weights" else model.inference_path
    if path is None:
        raise UnsupportedError(f"no {kind} of {name} are published ({model.origin})")
    target = options.directory() / Path(path).name.removesuffix(".tar")
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):  # another process may be fetching it
        if target.is_file():
            check_or_add(options.hashes(), path, target)
        elif kind == "weights":
            file = _fetch(path, target.with_suffix(f".partial{target.suffix}"), options, _weights_check(name))
            file.replace(target)
        elif not target.exists():
            _fetch_bundle(name, model, path, target, options)
    return target


def find_weights(weights: str | os.PathLike[str], options: DownloadOptions | None = None) -> Path:
    """A weights file for its path or for the name of a published model."""
    if os.fspath(weights) in MODELS and not Path(weights).exists():
        return download(os.fspath(weights), "weights", options)
    return Path(weights)


def _fetch(path: str, partial: Path, options: DownloadOptions, check: Callable[[Path], None]) -> Path:
    """Brings a file to ``partial`` and checks all that can be checked."""
    url = f"{options.address()}/{path}"
    if urlsplit(url).scheme == "file":
        source = Path(unquote(urlsplit(url).path))
        if not source.is_file():
            raise DownloadError(f"the mirror has no file {source}")
        shutil.copyfile(source, partial)
    elif options.is_offline():
        raise DownloadError(
            f"{url} is not in {options.directory()}, and fetching is switched off (offline): fetch it with "
            "`hrnet-native download` where there is a network, or name a file:// mirror"
        )
    else:
        fetch(url, partial, retries=options.retries, max_bytes=MAX_BYTES, progress=options.progress)
    try:
        check(partial)
        check_or_add(options.hashes(), path, partial)
    except InvalidArgumentError as error:
        partial.unlink()
        raise DownloadError(f"{url} is not what it should be: {error}") from error
    except DownloadError:
        partial.unlink()
        raise
    return partial


def _weights_check(name: str) -> Callable[[Path], None]:
    def check(path: Path) -> None:
        arch, num_classes = resolve_architecture(name)
        convert(read_weights(path).tensors, arch, num_classes=num_classes)

    return check


def _fetch_bundle(name: str, model: PublishedModel, path: str, target: Path, options: DownloadOptions) -> None:
    unpacked = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:

        def check(archive: Path) -> None:
            unpack(archive, unpacked)

        archive = _fetch(path, target.with_suffix(".partial.tar"), options, check)
        program = [p for p in sorted(unpacked.rglob("inference.*")) if p.suffix in _INFERENCE_SUFFIXES]
        if len(program) != 1 or not program[0].with_suffix(".pdiparams").is_file():
            raise DownloadError(f"{path} has no model: expected inference.pdmodel and inference.pdiparams")
        bundle = program[0].parent
        if not (bundle / "inference.yml").exists():
            _describe(bundle, name, model)
        bundle.chmod(0o755)  # mkdtemp's is private
        bundle.replace(target)
        archive.unlink()
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _describe(bundle: Path, name: str, model: PublishedModel) -> None:
    """The published archives come without a configuration: this is how the publisher's own programs use them."""
    from hrnet_native.bundle.inference_yml import IMAGENET_PREPROCESSING, write_inference_yml

    origin = f"{model.origin}: {PUBLISHER}/{model.inference_path}"
    write_inference_yml(
        bundle,
        model_name=name,
        preprocessing=IMAGENET_PREPROCESSING,
        label_names=list(imagenet_labels()),
        top_k=5,
        details={"weights": {"origin": origin, "license": model.license}},
    )
