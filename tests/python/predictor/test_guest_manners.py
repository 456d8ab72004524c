"""A guest in somebody's process: it takes no signals, prints nothing, and survives being forked."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support.damage import recompute_hashes


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("backend", ["native", "onednn", "openvino", "cpu"])
def test_no_output_and_no_signal_handler(small_pdmodel: Path, tmp_path: Path, cat: Path, backend: str) -> None:
    """Also where a model is missing, and where it is damaged, at which Paddle throws."""
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in small_pdmodel.iterdir():
        data = file.read_bytes()
        (damaged / file.name).write_bytes(data if file.suffix == ".yml" else data[: len(data) // 2])
    recompute_hashes(damaged)  # so that Paddle sees it
    done = run(
        """
        import sys, threading, hrnet_native
        threading.Thread(target=int).start()  # glibc takes a signal for itself with the first thread
        def signals():
            with open("/proc/self/status") as status:
                return [line for line in status if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
        before = signals()
        model, damaged, cat, backend = sys.argv[1:]
        predictor = hrnet_native.Predictor(model, backend=backend)
        predictor.predict(cat)
        for bad, error in ((model + "/nowhere", FileNotFoundError), (damaged, hrnet_native.ModelLoadError)):
            try:
                hrnet_native.Predictor(bad, backend=backend)
            except error:
                continue
            sys.exit(f"{bad} was loaded")
        predictor.predict(cat)
        predictor.close()
        sys.exit(0 if signals() == before else "signals changed")
        """,
        small_pdmodel, damaged, cat, backend,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FORKED = """
    import os, sys, hrnet_native
    model, cat, backend = sys.argv[1:]
    predictor = hrnet_native.Predictor(model, backend=backend)
    expected = predictor.predict(cat)
    predictor.submit(cat).result()  # starts every kind of thread
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert predictor.predict(cat) == expected
        sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("backend", ["native", "onednn"])
def test_after_a_fork_every_call_is_a_typed_error(small_model: Path, cat: Path, backend: str) -> None:
    done = run(
        FORKED
        + """
    import numpy as np
    calls = {
        "predict": lambda: predictor.predict(cat),
        "predict of a list": lambda: predictor.predict([cat, cat], on_error="return"),
        "submit": lambda: predictor.submit(cat),
        "infer": lambda: predictor.infer(np.zeros((1, *predictor.input_shape), np.float32)),
        "preprocess": lambda: predictor.preprocess(cat),
        "predict_iter": lambda: next(iter(predictor.predict_iter([cat]))),
        "warmup": lambda: predictor.warmup(),
        "clone": lambda: predictor.clone(),
        "stats": lambda: predictor.stats(),
        "reset_stats": lambda: predictor.reset_stats(),
        "close": lambda: predictor.close(),
    }
    for name, call in calls.items():
        try:
            call()
        except hrnet_native.ForkedProcessError:
            continue
        print(name)
    assert predictor.num_classes == len(expected.class_ids)
    del predictor, calls, call
    """,
        small_model, cat, backend,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_was_submitted_before_a_fork(small_model: Path, cat: Path) -> None:
    """An answer that came before the fork is there; on one that did not, nobody waits for ever."""
    done = run(
        """
        import concurrent.futures, os, signal, sys, hrnet_native
        model, cat = sys.argv[1:]
        # Waits an hour for eight images: what is pending stays so.
        options = {"num_threads": 1, "max_batch_size": 8, "max_queue_delay_us": 3_600_000_000}
        predictor = hrnet_native.Predictor(model, backend="native", **options)
        answered = [predictor.submit(cat) for _ in range(8)][0]
        expected = answered.result()
        iterator = hrnet_native.Predictor(model, backend="native", num_threads=1).predict_iter([cat] * 100)
        next(iterator)
        called = []
        cancelled = predictor.submit(cat)
        assert cancelled.cancel()
        pending = [predictor.submit(cat) for _ in range(7)]
        pending[-1].add_done_callback(lambda _: called.append(os.getpid()))
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            predictor.submit(cat)
            assert all(future.result().class_ids == expected.class_ids for future in pending)
            predictor.close()
            assert called == [os.getpid()]
            sys.exit(os.waitstatus_to_exitcode(status))
        signal.alarm(110)
        assert answered.result() == expected and answered.exception() is None
        last = pending[-1]
        assert not last.cancel()
        assert isinstance(last.exception(), hrnet_native.ForkedProcessError)
        for call in (last.result, lambda: list(iterator)):
            try:
                call()
            except hrnet_native.ForkedProcessError as error:
                assert "forked" in str(error)
            else:
                sys.exit(f"no error of {call}")
        futures = [answered, cancelled, *pending]
        assert concurrent.futures.wait(futures).not_done == set()
        assert set(concurrent.futures.as_completed(futures)) == set(futures)
        assert called == []
        """,
        small_model, cat,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_forked_child_makes_its_own_native_predictor(small_model: Path, cat: Path) -> None:
    code = FORKED + '\n    assert hrnet_native.Predictor(model, backend="native").predict(cat) == expected'
    done = run(code, small_model, cat, "native")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_paddle_used_before_a_fork_is_refused_after_it(small_model: Path, cat: Path) -> None:
    code = FORKED + (
        "\n    try:"
        "\n        hrnet_native.Predictor(model, backend=backend)"
        "\n    except hrnet_native.ForkedProcessError as error:"
        '\n        assert "before this process was forked" in str(error)'
        "\n    else:"
        '\n        sys.exit("no error")'
    )
    done = run(code, small_model, cat, "onednn")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_paddle_may_be_used_first_after_a_fork(small_model: Path, cat: Path) -> None:
    code = FORKED + '\n    got = hrnet_native.Predictor(model, backend="onednn").predict(cat)'
    code += "\n    assert got.class_ids == expected.class_ids"
    done = run(code, small_model, cat, "native")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "call",
    [
        "predictor.predict(cat)",
        "predictor.predict([cat] * 8)",
        "predictor.infer(inputs)",
        "predictor.submit(cat).result()",
        "list(predictor.predict_iter([cat] * 8))",
        "hrnet_native.imaging.decode(encoded)",
        "hrnet_native.Predictor(model, num_threads=1)",
    ],
)
def test_a_process_ends_while_a_daemon_thread_is_in_a_call(small_model: Path, cat: Path, call: str) -> None:
    done = run(
        f"""
        import sys, threading
        import numpy as np
        import hrnet_native, hrnet_native.imaging
        model, cat = sys.argv[1:]
        encoded = open(cat, "rb").read()
        predictor = hrnet_native.Predictor(model, num_threads=1, max_queue_size=-1)
        inputs = np.zeros((64, *predictor.input_shape), np.float32)
        running = threading.Semaphore(0)
        def loop():
            while True:
                {call}
                running.release()
        for _ in range(4):
            threading.Thread(target=loop, daemon=True).start()
        for _ in range(8):
            running.acquire()
        """,
        small_model, cat,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
