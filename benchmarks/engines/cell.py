"""One cell of the comparison: a network, a batch size, a number of threads, and every engine on it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engines.environments import python_of
from engines.isa import capped, is_capped
from engines.models import Network, make_bundle, make_inputs, make_onnx, make_weights, reference_logits
from engines.peers import PADDLE, Engine, Form
from engines.process import WorkerError
from engines.rounds import LARGEST_ERROR, Effort, fastest, measure, relative_error, summarise
from engines.worker import Worker


@dataclasses.dataclass(frozen=True)
class Settings:
    """What all cells have in common.

    Attributes:
        ours: Who the others are compared with.
        peers: The others.
        upsampling: The form of up-sampling for those who read several; None: the faster one for each.
        isa: Cap of the instruction set; None: none.
        cache: Folder of environments, models and logs.
    """

    ours: Engine
    peers: list[Engine]
    upsampling: Form | None
    isa: str | None
    cache: Path


def measure_cell(network: Network, batch: int, threads: int, effort: Effort, settings: Settings) -> dict[str, Any]:
    """Returns each engine's results, ours first, and the reasons of those who failed.

    With AVX2 as the cap, `avx512_seen` says whether that holds; None: the kernel does not tell, or no such cap.

    Raises:
        WorkerError: Our own engine failed.
    """
    starter = _Starter(network, batch, threads, settings)
    contestants: dict[str, tuple[Engine, Form, Worker]] = {}
    failures = {}
    with contextlib.ExitStack() as stack:
        for engine in (settings.ours, *settings.peers):
            starts = {form: partial(starter.start, engine, form) for form in _forms(engine, settings)}
            try:
                form, worker = fastest(starts, effort)
            except WorkerError as error:
                if engine is settings.ours:
                    raise
                failures[engine.name] = str(error)
            else:
                contestants[engine.name] = engine, form, stack.enter_context(worker)
        windows = measure({name: worker for name, (_, _, worker) in contestants.items()}, effort)
        errors = {name: starter.error_of(worker) for name, (_, _, worker) in contestants.items()}
        watched = contestants if settings.isa == "avx2" else {}
        seen = {name: worker.runs_use_avx512() for name, (_, _, worker) in watched.items()}
    return {
        "batch": batch,
        "threads": threads,
        "failures": failures,
        "engines": [
            {
                "name": name,
                "version": engine.environment.requirements[0]
                if engine.environment
                else " ".join(engine.variables.values()),
                "form": form,
                "isa": settings.isa if is_capped(engine, settings.isa) else "its own choice",
                "avx512_seen": seen.get(name),
                "error": errors[name],
                "counts": errors[name] < LARGEST_ERROR,
                "load_seconds": worker.load_seconds,
                **dataclasses.asdict(summarise(windows[name], windows[settings.ours.name])),
                "windows": [dataclasses.asdict(window) for window in windows[name]],
            }
            for name, (engine, form, worker) in contestants.items()
        ],
    }


class _Starter:
    """Makes the cell's files and starts workers on them."""

    def __init__(self, network: Network, batch: int, threads: int, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.cache / "models" / network.arch
        weights = make_weights(network, self._folder / "weights.safetensors")
        self._network, self._weights = network, weights
        inputs = make_inputs(network, batch)
        self._inputs = self._folder / f"inputs_{batch}.npy"
        np.save(self._inputs, inputs)
        self._logits = reference_logits(network, weights, inputs)
        self._cpus = sorted(os.sched_getaffinity(0))[:threads]
        if len(self._cpus) < threads:
            raise ValueError(f"{threads} threads want a CPU each; this process may use {len(self._cpus)}")

    def start(self, engine: Engine, form: Form) -> Worker:
        settings = self._settings
        python, cap = capped(engine, settings.isa, settings.cache)
        variables = {**engine.variables, **cap}
        log = settings.cache / f"{engine.name}_{form}.log"
        return Worker(python, engine.module or engine.name, self._model(form), self._inputs, self._cpus, variables, log)

    def _model(self, form: Form) -> Path:
        if form == "pdmodel":
            return make_bundle(self._network, self._weights, self._folder / "bundle_pdmodel", form)
        bundle = make_bundle(self._network, self._weights, self._folder / "bundle")
        if form == "bundle":
            return bundle
        return make_onnx(bundle, self._folder, python_of(PADDLE, self._settings.cache / "environments"))[form]

    def error_of(self, worker: Worker) -> float:
        """Of the outputs, relative to the largest logit."""
        return relative_error(worker.outputs(self._folder / "outputs.npy"), self._logits)


def _forms(engine: Engine, settings: Settings) -> list[Form]:
    return [settings.upsampling] if settings.upsampling in engine.forms else list(engine.forms)
