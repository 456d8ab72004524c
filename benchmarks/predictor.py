"""What the predictor costs beside its engine: queue, batching, decoding, threads, Python.

Cases take turns; medians over the rounds are held against the musts; the exit code is 1 if one is missed. Answers are
checked. On a machine with other work the times are longer than they are: rounds that were disturbed are told.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines import machine
from engines.models import NETWORKS, make_bundle, make_weights
from hrnet_native import Predictor

ROOT = Path(__file__).parent.parent
HAND_OFF = ROOT / "build" / "editable" / "benchmarks" / "predictor" / "hrnet_native_hand_off"
CPUS = machine.describe()["cpus"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="model directory (default: the one that ships with the package)")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one case in one round")
    parser.add_argument(
        "--network", choices=NETWORKS, default="W18", help="for lists, beside the model (default: %(default)s)"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "engines", metavar="DIR", help="for the network")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    arguments = parser.parse_args()

    with ExitStack() as stack:
        cases = make_cases(arguments, stack)
        rounds: dict[str, list[float]] = {name: [] for name in cases}
        disturbed = 0
        for _ in range(arguments.rounds):
            begin, others = time.perf_counter(), others_cpu_seconds()
            for name, (measure, _) in cases.items():
                rounds[name].append(measure())
            disturbed += others_cpu_seconds() - others > 0.03 * CPUS * (time.perf_counter() - begin)
    report = []
    for name, (_, most) in cases.items():
        median = statistics.median(rounds[name])
        met = most is None or median <= most
        report.append({"case": name, "median": median, "at_most": most, "rounds": rounds[name], "met": met})
        bound = f", at most {most}" if most else ""
        print(f"{name:70} {median:8.3f} ({min(rounds[name]):.3f} to {max(rounds[name]):.3f}){bound}")
    if disturbed:
        print(f"{disturbed} of {arguments.rounds} rounds were disturbed by other processes")
    if arguments.json:
        document = {"machine": machine.describe(), "disturbed_rounds": disturbed, "cases": report}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(not all(row["met"] for row in report))


def make_cases(arguments: argparse.Namespace, stack: ExitStack) -> dict[str, tuple[Callable[[], float], float | None]]:
    """Each case's measurement, and the most that it may give; None: only to be seen."""

    def open_predictor(model: Path | None = arguments.model, **options: Any) -> Predictor:
        return stack.enter_context(Predictor(model, backend=arguments.backend, **options))

    def lists(model: Path | None, **options: Any) -> Callable[[], float]:
        throughput = open_predictor(model, num_threads=1, num_instances=CPUS)
        predictor = open_predictor(model, **options) if options else throughput
        return lambda: list_ratio(predictor, throughput, photographs, seconds)

    network = NETWORKS[arguments.network]
    folder = arguments.cache / "models" / network.arch
    large = make_bundle(network, make_weights(network, folder / "weights.safetensors"), folder / "bundle")
    batching, single = open_predictor(), open_predictor(max_batch_size=1)
    one_thread = open_predictor(num_threads=1)
    two_large = open_predictor(large), open_predictor(large)
    photographs = make_photographs(Path(stack.enter_context(tempfile.TemporaryDirectory())), 64)
    seconds = arguments.seconds
    hand_off: dict[str, float] = {}

    def run_hand_off() -> float:
        hand_off.update(json.loads(subprocess.run([HAND_OFF], check=True, capture_output=True, text=True).stdout))
        return hand_off["one_caller_p50_us"]

    return {
        "one caller: time with batching over time without": (lambda: batching_ratio(batching, single, seconds), 1.05),
        f"64 photographs, {arguments.network}, an instance for each CPU: time over CPU time / CPUs": (
            lists(large),
            1.03,
        ),
        "the same, one instance with a thread for each CPU": (lists(large, num_threads=CPUS), None),
        "the same, the model, an instance for each CPU": (lists(arguments.model), None),
        "the same, the model, one instance with a thread for each CPU": (
            lists(arguments.model, num_threads=CPUS),
            None,
        ),
        "counter thread: its speed alone over that beside us": (
            lambda: 1 / counter_speed(one_thread, seconds),
            1 / 0.8,
        ),
        f"two busy predictors, {arguments.network}: time together over one after the other": (
            lambda: together_ratio(*two_large, seconds),
            1.0,
        ),
        "the same, the model": (lambda: together_ratio(batching, single, seconds), 1.0),
        "hand-off, one caller: p50 in us": (run_hand_off, 30),
        "hand-off, 32 callers: wall time over calls in us": (lambda: hand_off["callers_32_us"], 30),
    }


def make_photographs(folder: Path, count: int) -> list[Path]:
    """The demo's photograph, `count` times under other names."""
    encoded = (ROOT / "examples" / "cat.jpg").read_bytes()
    paths = [folder / f"{index}.jpg" for index in range(count)]
    for path in paths:
        path.write_bytes(encoded)
    return paths


def batching_ratio(batching: Predictor, single: Predictor, seconds: float) -> float:
    """Medians of one caller's `infer`, in turns of a call."""
    inputs = np.random.default_rng(0).standard_normal((1, *single.input_shape)).astype(np.float32)
    expected = single.infer(inputs)
    times: dict[Predictor, list[float]] = {batching: [], single: []}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for predictor, taken in times.items():
            begin = time.perf_counter()
            scores = predictor.infer(inputs)
            taken.append(time.perf_counter() - begin)
            np.testing.assert_allclose(scores, expected, atol=1e-5)
    return statistics.median(times[batching]) / statistics.median(times[single])


def list_ratio(predictor: Predictor, throughput: Predictor, photographs: list[Path], seconds: float) -> float:
    """The time of a call, over the work in it if all CPUs shared it evenly.

    The work is the CPU time of decoding and of the engine, each on all CPUs at once, for they share caches and memory
    in the call too; the engine with one thread a run (`throughput`), for several wait for each other by spinning,
    which is CPU time but no work.
    """
    tensors = np.stack([predictor.preprocess(path) for path in photographs])
    scores = throughput.infer(tensors)

    def decode_all() -> None:
        with ThreadPoolExecutor(CPUS) as pool:
            list(pool.map(predictor.preprocess, photographs))

    def predict_all() -> None:
        for answer, row in zip(predictor.predict(photographs, top_k=1), scores):
            assert abs(answer.scores[0] - row.max()) <= 1e-5

    predict_all()
    work = sum(
        of_each_call(time.process_time, call, seconds / 4) for call in (decode_all, lambda: throughput.infer(tensors))
    )
    return of_each_call(time.perf_counter, predict_all, seconds / 2) * CPUS / work


def of_each_call(clock: Callable[[], float], call: Callable[[], object], seconds: float) -> float:
    """What one call takes by `clock`, over at least `seconds`."""
    end, begin, calls = time.perf_counter() + seconds, clock(), 0
    while calls == 0 or time.perf_counter() < end:
        call()
        calls += 1
    return (clock() - begin) / calls


def counter_speed(predictor: Predictor, seconds: float) -> float:
    """Counts of a Python thread while another predicts, over those while it sleeps."""
    photograph = (ROOT / "examples" / "cat.jpg").read_bytes()
    expected = predictor.predict(photograph)

    @contextmanager
    def predicting() -> Iterator[None]:
        stop = threading.Event()

        def predict() -> None:
            while not stop.is_set():
                assert predictor.predict(photograph) == expected

        thread = threading.Thread(target=predict)
        thread.start()
        yield
        stop.set()
        thread.join()

    def count() -> int:
        counter, end = 0, time.perf_counter() + seconds / 2
        while time.perf_counter() < end:
            counter += 1
        return counter

    alone = count()
    with predicting():
        return count() / alone


def together_ratio(one: Predictor, two: Predictor, seconds: float) -> float:
    """The time of a number of calls of each predictor on a thread of its own, over that of the same calls in a row."""
    inputs = np.random.default_rng(0).standard_normal((1, *one.input_shape)).astype(np.float32)
    expected = one.infer(inputs)
    count = 1 + int(seconds / 4 / of_each_call(time.perf_counter, lambda: one.infer(inputs), seconds / 4))

    def run(predictor: Predictor) -> list[NDArray[np.float32]]:
        return [predictor.infer(inputs) for _ in range(count)]

    def measure(call: Callable[[], list[list[NDArray[np.float32]]]]) -> float:
        begin = time.perf_counter()
        answers = call()
        taken = time.perf_counter() - begin
        np.testing.assert_array_equal(np.stack(answers), np.broadcast_to(expected, (2, count, *expected.shape)))
        return taken

    with ThreadPoolExecutor(2) as pool:
        apart = measure(lambda: [run(one), run(two)])
        return measure(lambda: list(pool.map(run, (one, two)))) / apart


def others_cpu_seconds() -> float:
    """CPU time of everybody else since the machine started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    busy = sum(fields[:3]) + sum(fields[5:8])
    own = os.times()
    return busy / os.sysconf("SC_CLK_TCK") - sum(own[:4])


if __name__ == "__main__":
    main()
