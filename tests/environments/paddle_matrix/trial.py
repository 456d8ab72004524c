"""Run with one of the Paddles: loads models and compares their answers with the reference, a line of JSON for each.

Arguments: BACKEND REFERENCE MODEL... The process may die on any of them, which its parent notices.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import hrnet_native

# Of a probability: what export allows as well; rounding is about 1e-6.
TOLERANCE = 1e-4


def attempt(backend: str, reference: Path, model: Path) -> dict[str, str]:
    inputs, expected = np.load(reference / "inputs.npy"), np.load(reference / "outputs.npy")
    try:
        predictor = hrnet_native.Predictor(model, backend=backend, num_threads=1)
    except hrnet_native.Error as error:
        return {"outcome": "refused", "message": f"{type(error).__name__}: {error}"}
    with predictor:
        for batch in (1, len(inputs), 2, 1):  # a Paddle may be right the first time only
            difference = float(np.abs(predictor.infer(inputs[:batch]) - expected[:batch]).max())
            if not difference <= TOLERANCE:
                return {"outcome": "wrong", "message": f"off by {difference:.1e} with batch {batch}"}
    return {"outcome": "right", "message": ""}


if __name__ == "__main__":
    backend, reference, *models = sys.argv[1:]
    for model in models:
        print(json.dumps({"model": model, **attempt(backend, Path(reference), Path(model))}), flush=True)
