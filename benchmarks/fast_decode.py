"""What fast_decode changes: classes and logits of photographs, decoded whole and reduced.

A photograph whose folder has the name of a class counts towards the accuracy. Usage, with the model that you use:
python benchmarks/fast_decode.py FOLDER [--model DIR]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hrnet_native


def logits(predictor: hrnet_native.Predictor, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Up to a constant, which softmax does not see."""
    probabilities = predictor.infer(pixels[np.newaxis])[0].astype(np.float64)
    logarithms = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    return logarithms - logarithms.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="with JPEGs, at any depth")
    parser.add_argument("--model", help="model directory; without it the model that ships with the package")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    if not paths:
        sys.exit(f"{arguments.folder} holds no .jpg or .jpeg")

    changes: list[float] = []
    reduced = same = known = right_whole = right_reduced = 0
    with (
        hrnet_native.Predictor(arguments.model) as whole,
        hrnet_native.Predictor(arguments.model, fast_decode=True) as fast,
    ):
        for path in paths:
            encoded = path.read_bytes()
            pixels = [predictor.preprocess(encoded) for predictor in (whole, fast)]
            before, after = (logits(whole, image) for image in pixels)
            reduced += not np.array_equal(*pixels)
            same += before.argmax() == after.argmax()
            changes.append(np.abs(after - before).max())
            if path.parent.name in whole.label_names:
                known += 1
                right_whole += whole.label_names[before.argmax()] == path.parent.name
                right_reduced += whole.label_names[after.argmax()] == path.parent.name
    print(f"{len(paths)} photographs, {reduced} of them decoded at a reduced size")
    print(f"the same top-1 class in {same}")
    print(f"largest change of a logit: {np.mean(changes):.2f} in the mean over photographs, {max(changes):.2f} at most")
    print(f"of {known} with a class of the model {right_whole} were right decoded whole, {right_reduced} reduced")


if __name__ == "__main__":
    main()
