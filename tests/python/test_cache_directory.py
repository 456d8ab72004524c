"""Where the cache is: as base/cache_directory.h, whose test has the same cases."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from hrnet_native import InvalidArgumentError
from hrnet_native._cache_directory import cache_root


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HRNET_NATIVE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)


def test_variables_count_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_root() == Path("/home/somebody/.cache/hrnet_native")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_root() == Path("/home/somebody/.cache/hrnet_native")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_root() == Path("/caches/hrnet_native")
    monkeypatch.setenv("HRNET_NATIVE_CACHE_DIR", "here")
    assert cache_root() == Path("here")
    assert cache_root(Path("there")) == Path("there")


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_without_a_home_it_is_that_of_the_list_of_users(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert cache_root() == Path(pwd.getpwuid(os.getuid()).pw_dir, ".cache", "hrnet_native")


def test_a_user_without_any_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlisted(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unlisted)
    with pytest.raises(InvalidArgumentError, match="HRNET_NATIVE_CACHE_DIR"):
        cache_root()
