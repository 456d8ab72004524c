"""What is mutated, and the tests that should notice."""

from __future__ import annotations

from typing import Final

# Of each C++ file: a filter of GoogleTest, and the Python tests that use the file through the library, for what passes.
IN_CPP: Final[dict[str, tuple[str, list[str]]]] = {
    "cpp/src/predictor/postprocess.cc": (
        "TopK*:LogitsToProbabilities*:IsDistribution*:RequireFinite*:SelfCheck*",
        ["tests/python/engines/test_native.py", "-k", "logits or numbers"],
    ),
    "cpp/src/predictor/request_queue.cc": ("RequestQueue*:Pipeline*:ErrorTable*", []),
    "cpp/src/image/resize.cc": ("Preprocess*:RowKernels*", ["tests/parity/test_imaging_operators.py"]),
    "cpp/src/image/resize_axis.cc": ("Preprocess*:RowKernels*", ["tests/parity/test_imaging_operators.py"]),
    "cpp/src/image/orientation.cc": ("*Orientation*", ["tests/parity/test_imaging_formats.py"]),
    "cpp/src/model/inference_yml.cc": ("InferenceYml*:Probe*:Bundle*", []),
    "cpp/src/model/transform_ops.cc": ("InferenceYml*:Preprocess*", []),
    "cpp/src/engine/native/safetensors.cc": (
        "NativeGraph*",
        ["tests/python/engines/test_native.py", "-k", "file or half"],
    ),
}

_WEIGHTS: Final = ["tests/python/weights/test_conversion.py", "tests/python/weights/test_identity.py"]
IN_PYTHON: Final[dict[str, list[str]]] = {
    "python/hrnet_native/weights/naming.py": _WEIGHTS,
    "python/hrnet_native/weights/conversion.py": _WEIGHTS,
    "python/hrnet_native/weights/files.py": _WEIGHTS,
    "python/hrnet_native/data/folder.py": ["tests/python/data"],
}
