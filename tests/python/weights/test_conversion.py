"""Conversion between the namings of weights: exact, strict, and without running what a pickle asks for."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import paddle
import pytest

from hrnet_native.cli.main import main
from hrnet_native.errors import InvalidArgumentError, UnsupportedError
from hrnet_native.family.table import Architecture, parse_name
from hrnet_native.models import create_model
from hrnet_native.weights.conversion import convert
from hrnet_native.weights.files import Weights, read_weights, save_weights
from hrnet_native.weights.naming import entries
from hrnet_native.weights.pickle_reader import LEGACY_MAGIC, read_pickled
from support.paddleclas_keys import state_dict_entries
from support.small_network import SMALL_NETWORK

SMALL = Architecture(width=4, **{k: tuple(v) if isinstance(v, list) else v for k, v in SMALL_NETWORK.items()})
HEAD_BIASES = [f"downsamp_modules.{i}.0.bias" for i in range(3)] + ["final_layer.0.bias"]


def small_tensors(num_classes: int = 5, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {e.paddleclas: random.standard_normal(e.shape).astype(np.float32) for e in entries(SMALL, num_classes)}


def assert_same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> None:
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], name)


@pytest.mark.parametrize("has_se", [False, True])
@pytest.mark.parametrize("width", [18, 30, 32, 40, 44, 48, 60, 64])
def test_convert_knows_every_name_and_shape(width: int, has_se: bool) -> None:
    table = entries(parse_name(f"{'SE_' if has_se else ''}HRNet_W{width}_C"), 1000)
    assert [(e.paddleclas, e.shape) for e in table] == state_dict_entries(width, has_se=has_se)
    assert len({e.paddleclas_2_1 for e in table}) == len(table)
    torch_names = [e.timm for e in table if e.timm]
    assert len(set(torch_names)) == len(torch_names) == 1627


@pytest.mark.parametrize("target", ["timm", "paddleclas-2.1"])
def test_convert_there_and_back_is_exact(target: str) -> None:
    ours = small_tensors()
    theirs, _ = convert(ours, SMALL, target, num_classes=5)
    back, report = convert(theirs, SMALL, num_classes=5)
    assert_same(back, ours)
    assert report.num_mapped == len(ours)
    again, _ = convert(back, SMALL, target, num_classes=5)
    assert_same(again, theirs)


def test_convert_transposes_and_folds() -> None:
    ours = small_tensors()
    theirs, report = convert(ours, SMALL, "timm", num_classes=5)
    assert theirs["classifier.weight"].shape == (5, 16)
    assert [name for name in report.added if "tracked" not in name] == HEAD_BIASES
    bias = np.linspace(-1, 1, 16, dtype=np.float32)
    theirs["final_layer.0.bias"] = bias
    back, report = convert(theirs, SMALL, num_classes=5)
    np.testing.assert_array_equal(back["conv_last.bn._mean"], ours["conv_last.bn._mean"] - bias)
    assert report.folded == HEAD_BIASES
    unbiased, _ = convert(ours, SMALL, "timm", num_classes=5, head_bias=False)
    assert not set(HEAD_BIASES) & set(unbiased)
    back, report = convert(unbiased, SMALL, num_classes=5)
    assert_same(back, ours)
    assert report.folded == []


def test_convert_has_no_torch_network_with_squeeze_and_excitation() -> None:
    arch = parse_name("SE_HRNet_W64_C")
    with pytest.raises(UnsupportedError, match="squeeze-and-excitation"):
        convert({"conv_layer1_1.conv.weight": np.zeros(1, np.float32)}, arch, "timm")


def test_convert_names_all_that_does_not_fit() -> None:
    theirs, _ = convert(small_tensors(), SMALL, "timm", num_classes=5)
    del theirs["bn2.running_mean"]
    theirs["conv1.weight"] = theirs["conv1.weight"][:4]
    theirs["stage9.weight"] = theirs["bn1.weight"]
    with pytest.raises(InvalidArgumentError) as caught:
        convert(theirs, SMALL, num_classes=5)
    for words in ("bn2.running_mean is missing", "conv1.weight has shape (4, 3, 3, 3)", "stage9.weight is left over"):
        assert words in str(caught.value)
    with pytest.raises(InvalidArgumentError, match="not an HRNet's weights"):
        convert({"layers.0.weight": np.zeros(1)}, SMALL)


def test_convert_goes_on_after_a_bias_that_does_not_fit() -> None:
    theirs, _ = convert(small_tensors(), SMALL, "timm", num_classes=5)
    theirs["downsamp_modules.0.0.bias"] = np.zeros(3, np.float32)
    theirs["classifier.bias"] = np.zeros(3, np.float32)
    with pytest.raises(InvalidArgumentError) as caught:
        convert(theirs, SMALL, num_classes=5)
    words = str(caught.value).removeprefix("the weights do not fit the architecture: ").split("; ")
    assert [word.split(" has shape (3,), expected")[0] for word in words] == [
        "downsamp_modules.0.0.bias",
        "classifier.bias",
    ]


@pytest.mark.parametrize(("missing", "more"), [(5, ""), (6, " and 1 more"), (8, " and 3 more")])
def test_convert_shows_five_of_what_does_not_fit(missing: int, more: str) -> None:
    ours = small_tensors()
    for name in list(ours)[1 : 1 + missing]:  # the first tells the naming
        del ours[name]
    with pytest.raises(InvalidArgumentError) as caught:
        convert(ours, SMALL, num_classes=5)
    assert str(caught.value).count("is missing") == 5
    assert str(caught.value).endswith(f"is missing{more}")


def test_convert_takes_torchs_prefix_from_all_names_or_none(tmp_path: Path) -> None:
    tensor = np.zeros(2, np.float32)
    for names, read in (({"module.a", "module.b"}, {"a", "b"}), ({"module.a", "b"}, {"module.a", "b"})):
        save_weights(Weights(dict.fromkeys(names, tensor)), tmp_path / "w.pth")
        assert set(read_weights(tmp_path / "w.pth").tensors) == read


def test_convert_knows_stages_of_different_lengths() -> None:
    """Those of the published networks are alike."""
    arch = dataclasses.replace(SMALL, num_modules=(1, 2, 3), num_blocks=(1, 2, 3, 4))
    names = [entry.paddleclas for entry in entries(arch, 5)]
    for stage, modules, blocks in ((2, 1, 2), (3, 2, 3), (4, 3, 4)):
        pattern = rf"st{stage}\.stage_func_list\.(\d+)\.basic_block_list\.0\.(\d+)\.conv1\.conv\.weight"
        found = [match.groups() for match in map(re.compile(pattern).fullmatch, names) if match]
        assert found == [(str(m), str(b)) for m in range(modules) for b in range(blocks)]
    assert sum(name.startswith("layer1.") and name.endswith("conv1.conv.weight") for name in names) == 1


def test_convert_to_another_number_of_classes_only_with_a_fresh_head() -> None:
    ours = small_tensors(5)
    with pytest.raises(InvalidArgumentError, match=r"fc\.weight has shape \(16, 5\), expected \(16, 7\)"):
        convert(ours, SMALL, num_classes=7)
    fresh, report = convert(ours, SMALL, num_classes=7, fresh_head=True)
    assert report.fresh_head
    assert fresh["fc.weight"].shape == (16, 7)
    assert 0 < np.abs(fresh["fc.weight"]).max() <= 0.25
    np.testing.assert_array_equal(fresh["fc.bias"], 0)
    np.testing.assert_array_equal(fresh["conv_last.bn._mean"], ours["conv_last.bn._mean"])


@pytest.mark.parametrize("suffix", [".pdparams", ".pth", ".safetensors"])
def test_convert_files_hold_what_was_written(tmp_path: Path, suffix: str) -> None:
    theirs, _ = convert(small_tensors(), SMALL, "timm", num_classes=5)
    path = tmp_path / f"w{suffix}"
    save_weights(Weights(theirs), path)
    assert_same(dict(sorted(read_weights(path).tensors.items())), dict(sorted(theirs.items())))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_convert_writes_what_paddle_reads_and_reads_what_it_writes(tmp_path: Path) -> None:
    ours = small_tensors()
    save_weights(Weights(ours), tmp_path / "a.pdparams")
    loaded = paddle.load(str(tmp_path / "a.pdparams"), return_numpy=True)
    loaded.pop("StructuredToParameterName@@", None)
    assert_same(loaded, ours)
    model = create_model("HRNet_W4_C", tmp_path / "a.pdparams", num_classes=5, **SMALL_NETWORK)
    for protocol in (2, 3, 4):
        paddle.save(model.state_dict(), str(tmp_path / "b.pdparams"), protocol=protocol)
        assert_same(read_weights(tmp_path / "b.pdparams").tensors, ours)


def test_convert_takes_any_naming_where_a_network_is_built(tmp_path: Path) -> None:
    ours = small_tensors()
    theirs, _ = convert(ours, SMALL, "timm", num_classes=5)
    save_weights(Weights(theirs), tmp_path / "w.pth")
    model = create_model("HRNet_W4_C", tmp_path / "w.pth", num_classes=5, **SMALL_NETWORK)
    np.testing.assert_array_equal(model.state_dict()["fc.weight"].numpy(), ours["fc.weight"])
    features = create_model("HRNet_W4_C", tmp_path / "w.pth", num_classes=5, features_only=True, **SMALL_NETWORK)
    np.testing.assert_array_equal(features.conv_tr3.conv.weight.numpy(), ours["conv_tr3.conv.weight"])


@pytest.mark.slow
def test_convert_command_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    arch = parse_name("HRNet_W18_C")
    ours = {e.paddleclas: random.standard_normal(e.shape).astype(np.float32) for e in entries(arch, 1000)}
    theirs, _ = convert(ours, arch, "timm")
    save_weights(Weights(theirs), tmp_path / "timm.pth")
    for source, target in (("timm.pth", "w.pdparams"), ("w.pdparams", "back.pth")):
        options = ["--arch", "HRNet_W18_C", "-o", str(tmp_path / target), "--json"]
        assert main(["convert", str(tmp_path / source), *options]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (report["source"], report["target"], report["num_mapped"]) == ("timm", "paddleclas", 1627)
    assert_same(read_weights(tmp_path / "back.pth").tensors, theirs)


def test_convert_to_half_precision_halves_the_file(tmp_path: Path) -> None:
    ours = {"conv_layer1_1.conv.weight": np.linspace(-3, 3, 100_000, dtype=np.float32).reshape(100, -1)}
    ours["conv_layer1_1.bn._variance"] = np.array([1e-12], np.float32)
    for suffix in (".safetensors", ".pdparams", ".pth"):
        single, half = tmp_path / f"single{suffix}", tmp_path / f"half{suffix}"
        assert save_weights(Weights(ours), single) == 0
        difference = save_weights(Weights(ours), half, storage="fp16")
        assert half.stat().st_size < 0.51 * single.stat().st_size
        loaded = read_weights(half).tensors
        assert all(tensor.dtype == np.float32 for tensor in loaded.values())
        found = np.abs(loaded["conv_layer1_1.conv.weight"] - ours["conv_layer1_1.conv.weight"]).max() / 3
        assert found == pytest.approx(difference)
        assert 0 < difference < 2**-11
        assert loaded["conv_layer1_1.bn._variance"][0] == np.float32(1e-12)
    with pytest.raises(InvalidArgumentError, match="half precision ends at 65504"):
        save_weights(Weights({"w": np.full((1, 1), 1e5, np.float32)}), tmp_path / "big.pth", storage="fp16")
    assert not (tmp_path / "big.pth").exists()


def test_convert_needs_neither_torch_nor_paddle() -> None:
    code = (
        "import sys; import hrnet_native.cli.convert, hrnet_native.weights.conversion, hrnet_native.weights.files; "
        "import hrnet_native.family.published; assert not {'torch', 'paddle'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class Runs:
    """Pickles to something that creates a file when it is read by an ordinary reader."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


def hostile_pickles(witness: Path) -> dict[str, bytes]:
    shell = f"touch {witness}"
    text = str(witness).encode()
    return {
        "system": pickle.dumps({"w": Runs(os.system, shell)}, 2),
        "eval": pickle.dumps({"w": Runs(eval, f"open({str(witness)!r}, 'w')")}, 4),
        "open": pickle.dumps({"w": Runs(open, str(witness), "w")}, 4),
        "popen": pickle.dumps({"w": Runs(subprocess.Popen, ["touch", str(witness)])}, 4),
        "key": pickle.dumps({(1, 2): 3}, 4),
        "getattr": b"\x80\x02cbuiltins\ngetattr\n(cnumpy\nndarray\nX\x05\x00\x00\x00dtypetR.",
        "inst": b"(S'touch " + text + b"'\nios\nsystem\n.",
        "obj": b"(cos\nsystem\nS'touch " + text + b"'\no.",
        "newobj": b"\x80\x02cos\nsystem\nX" + struct.pack("<I", len(shell)) + shell.encode() + b"\x85\x81.",
        "stack global": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c" + bytes([len(shell)]) + shell.encode() + b"\x85R.",
        "numpy's own door": b"\x80\x02cnumpy\nload\nX\x01\x00\x00\x00x\x85R.",
        "extension": b"\x80\x02\x82\x01.",
        "state of a class": b"\x80\x02cnumpy\nndarray\n}b.",
        "call a string": b"\x80\x02X\x01\x00\x00\x00a)R.",
    }


@pytest.mark.parametrize("name", list(hostile_pickles(Path("x"))))
@pytest.mark.parametrize("kind", ["plain", "zip", "legacy"])
def test_convert_runs_nothing_of_a_hostile_pickle(tmp_path: Path, name: str, kind: str) -> None:
    witness = tmp_path / "witness"
    content = hostile_pickles(witness)[name]
    path = tmp_path / "w.pth"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", content)
    elif kind == "legacy":
        path.write_bytes(b"".join(pickle.dumps(v, 2) for v in (LEGACY_MAGIC, 1001, {"little_endian": True})) + content)
    else:
        path.write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=r"w\.pth"):
        read_weights(path)
    assert not witness.exists()


def test_convert_hostile_pickles_do_run_in_pythons_own_reader(tmp_path: Path) -> None:
    """Otherwise the test above would show nothing."""
    witness = tmp_path / "witness"
    for name in ("system", "inst", "obj", "stack global"):
        pickle.loads(hostile_pickles(witness)[name])
        assert witness.exists(), name
        witness.unlink()


def test_convert_refuses_every_truncation(tmp_path: Path) -> None:
    tensors = {"conv1.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2, np.float32)}
    for suffix in (".pdparams", ".pth", ".safetensors"):
        whole, cut = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
        save_weights(Weights(tensors), whole)
        content = whole.read_bytes()
        for length in range(len(content)):
            cut.write_bytes(content[:length])
            with pytest.raises(InvalidArgumentError, match="cut"):
                read_weights(cut)


def numpy_state(shape: bytes, data: bytes, kind: bytes = b"f4") -> bytes:
    dtype = b"cnumpy\ndtype\n(U" + bytes([len(kind)]) + kind + b"\x89\x88tR"
    return (
        b"\x80\x03cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01"
        + shape + dtype + b"\x89C" + bytes([len(data)]) + data + b"tb."
    )  # fmt: skip


LIES = {
    "array longer than its data": numpy_state(b"(K\x05t", b"1234"),
    "array of a negative size": numpy_state(b"(J\xff\xff\xff\xfft", b""),
    "array of objects": numpy_state(b"(K\x01t", b"12345678", b"O8"),
    "huge array": numpy_state(b"(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ft", b"1234"),
    "bytes beyond the end": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x00" + b"abc.",
    "memo index of two thousand million": b"\x80\x02]r\xff\xff\xff\x7f.",
    "list that holds itself": b"\x80\x02]q\x00h\x00a.",
    "lists of lists of lists": b"\x80\x02]" + b"".join(b"q%c](h%ch%ce" % (i, i, i) for i in range(60)) + b".",
    "empty": b"",
    "two pickles": pickle.dumps({}) + pickle.dumps({}),
    "no dictionary": pickle.dumps([1, 2]),
    "number for a tensor": pickle.dumps({"conv1.weight": 3}),
    "dtype for a tensor": b"\x80\x02}X\x01\x00\x00\x00wcnumpy\ndtype\nU\x02f4\x85Rs.",
}


@pytest.mark.parametrize("name", list(LIES))
def test_convert_refuses_files_that_lie(tmp_path: Path, name: str) -> None:
    path = tmp_path / "w.pdparams"
    path.write_bytes(LIES[name])
    with pytest.raises(InvalidArgumentError, match=r"w\.pdparams"):
        read_weights(path)


def torch_zip(path: Path, *, count: int, size: int, stride: int, data: bytes, copies: int = 1) -> Path:
    storage = b"(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK" + bytes([count]) + b"tQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00K" + bytes([size]) + b"\x85K" + bytes([stride])
    tensor += b"\x85\x89ccollections\nOrderedDict\n)RtR"
    body = b"".join(b"U\x01" + bytes([97 + i]) + tensor for i in range(copies))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}(" + body + b"u.")
        archive.writestr("archive/data/0", data)
    return path


def test_convert_reads_strided_torch_tensors_and_refuses_lies(tmp_path: Path) -> None:
    data = np.arange(6, dtype="<f4").tobytes()
    path = tmp_path / "w.pth"
    np.testing.assert_array_equal(
        read_pickled(torch_zip(path, count=6, size=3, stride=2, data=data))["a"], np.array([0, 2, 4], np.float32)
    )
    for lie in (
        {"count": 6, "size": 4, "stride": 2, "data": data},  # beyond the storage
        {"count": 6, "size": 200, "stride": 0, "data": data},  # more elements than the storage has
        {"count": 7, "size": 3, "stride": 1, "data": data},  # a storage longer than its bytes
        {"count": 6, "size": 6, "stride": 1, "data": data, "copies": 20},  # one storage, many times
    ):
        with pytest.raises(InvalidArgumentError, match=r"w\.pth"):
            read_pickled(torch_zip(path, **lie))
