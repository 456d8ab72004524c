"""Prints, for each backend that is named, one line: the backend that runs and its scores, or the error."""

from __future__ import annotations

import sys

import hrnet_native

model, image, *backends = sys.argv[1:]
for word in backends:
    try:
        with hrnet_native.Predictor(model, backend=word) as predictor:
            print(word, predictor.backend, *(f"{score:.5f}" for score in predictor.predict(image).scores))
    except hrnet_native.Error as error:
        print(word, type(error).__name__, error)
