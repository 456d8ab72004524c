"""The benchmarks' cap `--isa avx2`: CPUID answered without AVX-512, and what the kernel has seen of AVX-512."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

from engines import machine
from engines.cpuid import cpuid_offsets
from engines.hidden_avx512 import TUNABLES, environment_without, variables
from engines.isa import capped, is_capped
from engines.peers import NATIVE, PEERS
from engines.process import Process
from support.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"
AVX2, AVX512 = (isa in machine.instruction_sets() for isa in ("avx2", "avx512"))
needs_x86 = pytest.mark.skipif(not AVX2 or not shutil.which("objdump"), reason="wants AVX2, a compiler and objdump")

# 0xa20f in the constant has CPUID's bytes.
LIBRARY = """
#include <cpuid.h>
#include <immintrin.h>

unsigned constant(void) { return 0x12a20f34; }
void ask(unsigned leaf, unsigned subleaf, unsigned* r) { __cpuid_count(leaf, subleaf, r[0], r[1], r[2], r[3]); }
void trap(void) { __builtin_trap(); }
void wide(long n) { while (n--) __asm__ volatile("vaddps %%zmm1, %%zmm2, %%zmm3\\n vzeroupper" ::: "memory"); }
void narrow(long n) { while (n--) __asm__ volatile("vaddps %%ymm1, %%ymm2, %%ymm3\\n vzeroupper" ::: "memory"); }
"""
# In a thread, and with a handler of SIGILL that came later.
ASKER = """
import ctypes, faulthandler, json, sys, threading
library = ctypes.CDLL(sys.argv[1])
faulthandler.enable()
answers = {}
def ask(leaf, subleaf):
    registers = (ctypes.c_uint32 * 4)()
    library.ask(leaf, subleaf, registers)
    answers[f"{leaf}.{subleaf}"] = list(registers)
threads = [threading.Thread(target=ask, args=leaf) for leaf in ((0, 0), (7, 0), (7, 1))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([library.constant(), answers]), flush=True)
library.trap()
"""
# A worker, as far as `Process` knows.
COUNTER = """
import ctypes, itertools, sys
function = getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2])
for line in itertools.chain([""], sys.stdin):
    function(ctypes.c_long(int(line or 1)))
    print("{}", flush=True)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("environment") / "lib" / "libasks.so.1"
    library.parent.mkdir()
    source = library.with_name("asks.c")
    source.write_text(LIBRARY)
    subprocess.run(["cc", "-O2", "-mavx2", "-shared", "-fPIC", source, "-o", library], check=True)
    return library


def _ask(library: Path, more: dict[str, str]) -> tuple[int, int, dict[str, list[int]]]:
    command = [sys.executable, "-c", ASKER, library]
    ran = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **more})
    constant, answers = json.loads(ran.stdout)
    return ran.returncode, constant, answers


@needs_x86
def test_only_instructions_are_taken_for_cpuid(library: Path) -> None:
    content = library.read_bytes()
    (offset,) = cpuid_offsets(library)
    assert content[offset : offset + 2] == b"\x0f\xa2"
    assert content.count(b"\x0f\xa2") >= 2


@needs_x86
def test_cpuid_is_answered_without_avx512(library: Path, tmp_path: Path) -> None:
    environment = library.parents[1]
    (environment / "installed.txt").write_text("pins")
    place = environment_without(environment)
    assert (place / "lib" / "asks.c").samefile(library.with_name("asks.c"))
    ended, constant, plain = _ask(library, {})
    hidden_ended, hidden_constant, hidden = _ask(place / "lib" / library.name, variables(tmp_path))
    assert ended == hidden_ended == -signal.SIGILL, "a trap is still a trap"
    assert constant == hidden_constant == 0x12A20F34
    # ebx, ecx and edx of subleaf 0, eax and edx of subleaf 1: AVX-512, AMX and AVX10.
    gone = [[0, *map(_mask, ((16, 17, 21, 26, 27, 28, 30, 31), (1, 6, 11, 12, 14), (2, 3, 8, 22, 23, 24, 25)))]]
    gone.append([_mask((5, 21)), 0, 0, _mask((8, 19))])
    assert hidden["0.0"] == plain["0.0"]
    for subleaf, masks in enumerate(gone):
        name = f"7.{subleaf}"
        assert hidden[name] == [register & ~mask for register, mask in zip(plain[name], masks)]


def _mask(bits: tuple[int, ...]) -> int:
    return reduce(lambda mask, bit: mask | 1 << bit, bits, 0)


@needs_x86
def test_a_copy_is_made_once_for_the_same_pins(library: Path) -> None:
    environment = library.parents[1]
    times = []
    for pins in ("pins", "pins", "others"):
        (environment / "installed.txt").write_text(pins)
        times.append((environment_without(environment) / "lib" / library.name).stat().st_mtime_ns)
    assert times[0] == times[1] < times[2]


def test_who_runs_elsewhere_has_avx512_hidden() -> None:
    assert all(is_capped(engine, "avx2") for engine in (NATIVE, *PEERS))
    assert [is_capped(engine, "avx512") for engine in (NATIVE, PEERS[0])] == [True, False]
    assert not is_capped(NATIVE, None)
    assert capped(NATIVE, "avx2", Path()) == (Path(sys.executable), {"HRNET_NATIVE_ISA": "avx2", **TUNABLES})


@needs_x86
@pytest.mark.skipif(not AVX512, reason="this CPU has no AVX-512")
@pytest.mark.parametrize(("function", "seen"), [("wide", True), ("narrow", False)])
def test_the_kernel_sees_avx512(library: Path, tmp_path: Path, function: str, seen: bool) -> None:
    if not Path("/proc/self/arch_status").is_file():
        pytest.skip("this kernel has no /proc/PID/arch_status, which tells who uses AVX-512")
    command: list[str | Path] = [sys.executable, "-c", COUNTER, library, function]
    with Process(command, sorted(os.sched_getaffinity(0))[:1], TUNABLES, tmp_path / "log") as process:
        assert process.avx512_seen("100000000") is seen


@needs_x86
def test_our_engine_keeps_to_avx2(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    cell = ["--models", "tiny", "--batches", "1", "--threads", "1"]
    effort = ["--rounds", "1", "--runs", "2", "--seconds", "0.1"]
    command = [sys.executable, BENCHMARKS / "engines.py", "--isa", "avx2", *cell, *effort, "--peers", "--json", results]
    subprocess.run([*command, "--cache", tmp_path / "cache"], check=True, capture_output=True)
    (ours,) = json.loads(results.read_text())["cells"][0]["engines"]
    assert ours["isa"] == "avx2"
    assert not ours["avx512_seen"]
