"""The Predictor from Python: what it takes, what it gives, what it refuses."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import hrnet_native
from hrnet_native import Classification, imaging
from support.paths import ROOT


@pytest.fixture(scope="module")
def image(cat: Path) -> NDArray[np.uint8]:
    return imaging.decode(cat.read_bytes())


def test_the_demo_photograph_is_a_cat(default_predictor: hrnet_native.Predictor, cat: Path) -> None:
    result = default_predictor.predict(cat)
    assert result.label_names[0] == "cat"
    assert len(result.class_ids) == 5
    assert list(result.scores) == sorted(result.scores, reverse=True)


def test_path_bytes_array_and_list_agree(
    default_predictor: hrnet_native.Predictor, cat: Path, image: NDArray[np.uint8]
) -> None:
    expected = default_predictor.predict(cat)
    encoded = cat.read_bytes()
    for same in (str(cat), encoded, bytearray(encoded), memoryview(encoded), image):
        assert default_predictor.predict(same) == expected
    for several in ([cat, encoded, image], (cat, encoded, image), np.stack([image] * 3)):
        results = default_predictor.predict(several)
        assert [r.class_ids for r in results] == [expected.class_ids] * 3
        np.testing.assert_allclose([r.scores for r in results], [expected.scores] * 3, atol=1e-5)
    assert default_predictor.predict([]) == []


def test_arrays_of_any_strides(default_predictor: hrnet_native.Predictor, image: NDArray[np.uint8]) -> None:
    read_only = image.copy()
    read_only.flags.writeable = False
    wide = np.zeros((*image.shape[:2], 5), np.uint8)
    wide[:, :, 1:4] = image
    views = [
        image[::-1],
        image[:, ::-1],
        image[10:200:3, 5:300:2],
        image.transpose(1, 0, 2),
        np.asfortranarray(image),
        wide[:, :, 1:4],
        image[:, :, ::-1],
        read_only,
    ]
    for view in views:
        expected = default_predictor.preprocess(np.ascontiguousarray(view))
        np.testing.assert_array_equal(default_predictor.preprocess(view), expected)
    assert not read_only.flags.writeable


def test_bgr_is_the_same_picture(
    default_predictor: hrnet_native.Predictor, image: NDArray[np.uint8], cat: Path
) -> None:
    assert default_predictor.predict(cv2.imread(str(cat)), color="bgr") == default_predictor.predict(image)
    assert default_predictor.predict(image, color="bgr") != default_predictor.predict(image)


def test_predict_is_preprocess_and_infer(default_predictor: hrnet_native.Predictor, image: NDArray[np.uint8]) -> None:
    scores = default_predictor.infer(default_predictor.preprocess(image)[None])[0]
    result = default_predictor.predict(image, top_k=10)
    assert result.class_ids == tuple(np.argsort(-scores, kind="stable"))
    assert result.scores == tuple(scores[list(result.class_ids)])


def test_top_k(default_predictor: hrnet_native.Predictor, cat: Path) -> None:
    assert len(default_predictor.predict(cat, top_k=1).scores) == 1
    assert len(default_predictor.predict(cat, top_k=99).scores) == default_predictor.num_classes
    with pytest.raises(ValueError, match="top_k must be at least 1, not 0"):
        default_predictor.predict(cat, top_k=0)


def test_batches_larger_than_max_batch_size(small_model: Path, photographs: list[Path]) -> None:
    with hrnet_native.Predictor(small_model, max_batch_size=3) as predictor:
        together = predictor.predict(photographs)
        inputs = np.stack([predictor.preprocess(path) for path in photographs])
        scores = predictor.infer(inputs)
        for path, result, row in zip(photographs, together, scores):
            alone = predictor.predict(path)
            assert alone.class_ids == result.class_ids
            np.testing.assert_allclose(alone.scores, result.scores, atol=1e-5)
            np.testing.assert_allclose(sorted(row, reverse=True), result.scores, atol=1e-5)


def test_classification_is_immutable_and_pickles(default_predictor: hrnet_native.Predictor, cat: Path) -> None:
    result = default_predictor.predict(cat, top_k=2)
    assert pickle.loads(pickle.dumps(result)) == result
    assert result.to_dict() == {
        "class_ids": list(result.class_ids),
        "scores": list(result.scores),
        "label_names": list(result.label_names),
    }
    with pytest.raises(AttributeError):
        result.scores = ()  # type: ignore[misc]


def test_what_the_model_is(default_predictor: hrnet_native.Predictor) -> None:
    assert default_predictor.label_names == (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip
    assert default_predictor.num_classes == 10
    assert default_predictor.input_shape == (3, 64, 64)
    assert default_predictor.backend == "native"
    assert default_predictor.num_threads >= 1


BAD_IMAGES = [
    (b"", hrnet_native.InvalidImageError, "zero bytes"),
    (b"hello, this is text", hrnet_native.InvalidImageError, "not a JPEG, PNG, WebP or BMP"),
    ("no/such/file.jpg", hrnet_native.NotFoundError, "no/such/file.jpg"),
    ("examples/cat.jpg\0", hrnet_native.InvalidArgumentError, "not a usable path: embedded null"),
    ("\ud800.jpg", hrnet_native.InvalidArgumentError, "not a usable path"),
    (np.zeros((4, 4), np.uint8), hrnet_native.InvalidArgumentError, r"\(H, W, 3\), not \(4, 4\)"),
    (np.zeros((4, 4, 4), np.uint8), hrnet_native.InvalidArgumentError, r"not \(4, 4, 4\)"),
    (np.zeros((0, 4, 3), np.uint8), hrnet_native.InvalidArgumentError, r"not \(0, 4, 3\)"),
    (np.zeros((4, 4, 3), np.float32), hrnet_native.InvalidTypeError, "uint8, not float32"),
    (17, hrnet_native.InvalidTypeError, "not int"),
    (None, hrnet_native.InvalidTypeError, "not NoneType"),
]


@pytest.mark.parametrize(("bad", "error", "words"), BAD_IMAGES)
def test_bad_images_are_typed_errors(
    default_predictor: hrnet_native.Predictor, bad: object, error: type[Exception], words: str
) -> None:
    assert issubclass(error, hrnet_native.Error)
    with pytest.raises(error, match=words):
        default_predictor.predict(bad)


@pytest.mark.parametrize(("bad", "error", "words"), BAD_IMAGES)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_bad_image_hurts_only_itself(
    default_predictor: hrnet_native.Predictor,
    cat: Path,
    bad: object,
    error: type[Exception],
    words: str,
    index: int,
) -> None:
    images: list[object] = [cat, cat]
    images.insert(index, bad)
    results = default_predictor.predict(images, on_error="return")
    assert isinstance(results[index], error)
    served = [r for r in results if isinstance(r, Classification)]
    assert [r.class_ids for r in served] == [default_predictor.predict(cat).class_ids] * 2
    with pytest.raises(error, match=f"image {index}: .*{words}") as raised:
        default_predictor.predict(images)
    assert raised.value.results is not None
    assert [type(r) for r in raised.value.results] == [type(r) for r in results]


def test_truncated_files_are_errors(default_predictor: hrnet_native.Predictor, cat: Path, tmp_path: Path) -> None:
    whole = cat.read_bytes()
    text = tmp_path / "text.jpg"
    text.write_text("I am no picture")
    for size in (3, 100, len(whole) // 2, len(whole) - 10):
        cut = tmp_path / f"cut{size}.jpg"
        cut.write_bytes(whole[:size])
        with pytest.raises(hrnet_native.InvalidImageError, match=cut.name):
            default_predictor.predict(cut)
    with pytest.raises(hrnet_native.InvalidImageError, match=r"text\.jpg"):
        default_predictor.predict(text)
    with pytest.raises(ValueError, match="regular file"):
        default_predictor.predict(tmp_path)


@pytest.mark.parametrize(
    ("inputs", "error", "words"),
    [
        (np.zeros((1, 3, 64, 64)), hrnet_native.InvalidTypeError, "float32, not float64"),
        (np.zeros((3, 64, 64), np.float32), hrnet_native.InvalidArgumentError, r"not \(3, 64, 64\)"),
        (np.zeros((0, 3, 64, 64), np.float32), hrnet_native.InvalidArgumentError, r"not \(0, 3, 64, 64\)"),
        (np.zeros((1, 3, 64, 65), np.float32), hrnet_native.InvalidArgumentError, r"\(N, 3, 64, 64\)"),
    ],
)
def test_infer_refuses_other_arrays(
    default_predictor: hrnet_native.Predictor, inputs: NDArray[np.float32], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        default_predictor.infer(inputs)


def test_infer_takes_any_strides(default_predictor: hrnet_native.Predictor) -> None:
    inputs = np.random.default_rng(0).standard_normal((2, 64, 64, 3)).astype(np.float32).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(
        default_predictor.infer(inputs), default_predictor.infer(np.ascontiguousarray(inputs))
    )


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"num_threads": -1}, ValueError, "num_threads must be at least 0 .*not -1"),
        ({"num_instances": 0}, ValueError, "num_instances must be from 1 to 1000, not 0"),
        ({"num_instances": 2**30}, ValueError, "num_instances must be from 1 to 1000, not 1073741824"),
        ({"num_instances": 3, "num_threads": 999, "strict_budget": True}, ValueError, "num_threads=999 times num_inst"),
        ({"max_queue_size": -2}, ValueError, "max_queue_size must be at least -1 .*not -2"),
        ({"max_queue_delay_us": -5}, ValueError, "max_queue_delay_us must be from 0 to 3600000000 .*, not -5"),
        ({"max_queue_delay_us": 2**60}, ValueError, "must be from 0 to 3600000000 .*, not 1152921504606846976"),
        ({"warmup": [9]}, ValueError, "warmup .*max_batch_size=8, not 9"),
        ({"num_threads": 100000, "strict_budget": True}, ValueError, "num_threads=100000 times num_instances=1 must"),
        ({"max_batch_size": 0}, ValueError, "max_batch_size must be from 1 to 65536, not 0"),
        ({"max_batch_size": 600_000_000}, ValueError, "max_batch_size must be from 1 to 65536, not 600000000"),
        ({"top_k": 0}, ValueError, "top_k"),
        ({"backend": "fastest"}, ValueError, "backend must be one of .*not 'fastest'"),
        ({"device": "tpu"}, ValueError, "device must be one of cpu, gpu, not 'tpu'"),
        ({"precision": "fp8"}, ValueError, "precision"),
        ({"device": "gpu"}, hrnet_native.UnsupportedError, "gpu"),
        ({"backend": "cuda"}, hrnet_native.UnsupportedError, "cuda"),
        ({"backend": "tensorrt"}, hrnet_native.UnsupportedError, "tensorrt"),
        ({"precision": "fp16"}, hrnet_native.UnsupportedError, "does not run in precision fp16"),
    ],
)
def test_options_are_checked(options: dict[str, object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        hrnet_native.Predictor(**options)


def test_more_threads_than_cpus_are_capped(caplog: pytest.LogCaptureFixture) -> None:
    with hrnet_native.Predictor(num_threads=100000) as predictor:
        assert 1 <= predictor.num_threads <= len(os.sched_getaffinity(0))
    (message,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert message.startswith("num_threads=100000 times num_instances=1 exceeds ")
    assert message.endswith(f" num_threads={predictor.num_threads} is used")


def test_words_are_checked_at_every_call(default_predictor: hrnet_native.Predictor, cat: Path) -> None:
    with pytest.raises(ValueError, match="color must be one of bgr, rgb, not 'hsv'"):
        default_predictor.predict(cat, color="hsv")
    with pytest.raises(ValueError, match="on_error"):
        default_predictor.predict([cat], on_error="ignore")


def test_close(small_model: Path, cat: Path) -> None:
    predictor = hrnet_native.Predictor(small_model)
    predictor.predict(cat)
    predictor.close()
    predictor.close()
    with pytest.raises(hrnet_native.ClosedError, match="closed"):
        predictor.predict(cat)
    with pytest.raises(hrnet_native.ClosedError):
        predictor.infer(np.zeros((1, 3, 64, 64), np.float32))


def test_image_options(small_model: Path, cat: Path) -> None:
    whole = cat.read_bytes()
    cut = whole[: len(whole) // 2]
    limits = imaging.ImageLimits(max_side=100)
    with hrnet_native.Predictor(small_model, allow_truncated=True, fast_decode=True) as predictor:
        assert not predictor.predict(whole).truncated
        assert predictor.predict([whole, cut], on_error="return")[1].truncated
        assert predictor.predict(cut).to_dict()["truncated"] is True
        reduced = imaging.decode(whole, min_size=(128, 128))
        assert reduced.shape < imaging.decode(whole).shape
        np.testing.assert_array_equal(predictor.preprocess(whole), predictor.preprocess(reduced))
    with (
        hrnet_native.Predictor(small_model, image_limits=limits) as predictor,
        pytest.raises(hrnet_native.InvalidImageError, match="max_side allows 100"),
    ):
        predictor.predict(cat)
    with (
        hrnet_native.Predictor(small_model, image_limits=imaging.ImageLimits(max_encoded_bytes=10)) as predictor,
        pytest.raises(hrnet_native.InvalidImageError, match=r"cat\.jpg.*max_encoded_bytes allows 10"),
    ):
        predictor.predict(cat)
    with pytest.raises(ValueError, match="max_scans must be at least 1, not 0"):
        hrnet_native.Predictor(small_model, image_limits=imaging.ImageLimits(max_scans=0))
    turned = np.rot90(imaging.decode(whole))
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    Image.fromarray(turned).save(stream, "PNG", exif=exif)
    with hrnet_native.Predictor(small_model) as apply, hrnet_native.Predictor(small_model, exif="ignore") as ignore:
        np.testing.assert_array_equal(apply.preprocess(stream.getvalue()), apply.preprocess(np.rot90(turned, -1)))
        np.testing.assert_array_equal(ignore.preprocess(stream.getvalue()), ignore.preprocess(turned))


def test_many_threads_get_their_own_answers(default_predictor: hrnet_native.Predictor, photographs: list[Path]) -> None:
    expected = [default_predictor.predict(path) for path in photographs]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(default_predictor.predict, photographs * 3))
    for result, alone in zip(results, expected * 3):  # a run may hold pictures of several threads
        np.testing.assert_allclose(sorted(result.scores), sorted(alone.scores), atol=1e-5)
        assert result.class_ids[0] == alone.class_ids[0]


def test_close_from_another_thread_loses_nobody(small_model: Path, cat: Path) -> None:
    predictor = hrnet_native.Predictor(small_model)
    expected = predictor.predict(cat).class_ids
    all_served = threading.Barrier(5)

    def call_until_closed() -> set[tuple[int, ...]]:
        answers = {predictor.predict(cat).class_ids}
        all_served.wait(60)
        try:
            while True:
                answers.add(predictor.predict(cat).class_ids)
        except hrnet_native.ClosedError:
            return answers

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call_until_closed) for _ in range(4)]
        all_served.wait(60)
        predictor.close()
        assert [future.result(timeout=60) for future in calls] == [{expected}] * 4


@pytest.mark.parametrize("call", ["infer(inputs)", "predict(pixels)", "submit(pixels).result()"])
def test_the_gil_is_free_while_the_core_works(small_model: Path, call: str) -> None:
    """A call that waits for another thread's: with the GIL held that could not be made, and nothing would end."""
    script = f"""if True:
        import sys, threading
        import numpy as np
        from support.predictors import patient
        with patient(sys.argv[1], batch_size=2) as predictor:
            inputs = np.zeros((1, *predictor.input_shape), np.float32)
            pixels = np.zeros((64, 64, 3), np.uint8)
            other = threading.Thread(target=lambda: predictor.{call})
            other.start()
            predictor.{call}
            other.join()
        """
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    subprocess.run([sys.executable, "-c", script, small_model], env=environment, check=True, timeout=120)


def test_prediction_is_silent_and_does_not_import_paddle(small_model: Path, cat: Path) -> None:
    script = (
        "import sys, signal, hrnet_native\n"
        "before = [signal.getsignal(s) for s in range(1, 32)]\n"
        f"p = hrnet_native.Predictor({str(small_model)!r})\n"
        f"p.predict({str(cat)!r})\n"
        "try: p.predict(b'junk')\n"
        "except hrnet_native.InvalidImageError: pass\n"
        "p.close()\n"
        "assert [signal.getsignal(s) for s in range(1, 32)] == before\n"
        "assert not {'paddle', 'torch', 'cv2', 'yaml'} & set(sys.modules), sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


FLAGS = {"scalar": set(), "avx2": {"avx2", "fma"}, "avx512": {"avx2", "fma", "avx512f", "avx512bw", "avx512vl"}}


def runs_here(isa: str) -> bool:
    words = Path("/proc/cpuinfo").read_text().split()
    return FLAGS[isa] <= set(words)


@pytest.mark.parametrize("isa", FLAGS)
def test_every_instruction_set_gives_the_same_tensor(isa: str, cat: Path) -> None:
    script = (
        "import sys, hashlib, hrnet_native, hrnet_native.imaging as i\n"
        f"image = i.decode(open({str(cat)!r}, 'rb').read())\n"
        "try: print(hashlib.sha256(i.preprocess(image).tobytes()).hexdigest())\n"
        "except hrnet_native.UnsupportedError: print('unsupported')\n"
    )
    run = [sys.executable, "-c", script]
    forced = subprocess.run(run, capture_output=True, text=True, check=True, env={"HRNET_NATIVE_ISA": isa})
    best = subprocess.run(run, capture_output=True, text=True, check=True, env={})
    assert forced.stdout == (best.stdout if runs_here(isa) else "unsupported\n")
