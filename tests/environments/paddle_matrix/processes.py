"""The child processes of the matrix: exports, trials, and a plugin that meets another Paddle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from environments.paddle_matrix.environments import Environment
from environments.paddle_matrix.networks import Network
from environments.paddle_matrix.report import Answer
from support.paths import ROOT

_TIMEOUT = 900  # seconds; a process that hangs is an answer too


def _child_environment(**variables: str) -> dict[str, str]:
    # One thread in each layer: what is asked is whether it is right.
    return {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "OMP_NUM_THREADS": "1", **variables}


def export(
    environment: Environment,
    network: Network,
    folder: Path,
    model_format: str,
    up_sampling: str,
    feeds: tuple[str, ...],
) -> None:
    """Writes `folder`/UP_SAMPLING-FEED with the environment's Paddle, unless they are there."""
    if all((folder / f"{up_sampling}-{feed}" / "inference.yml").is_file() for feed in feeds):
        return
    weights = folder.parent / "weights.safetensors"
    command = [
        environment.python,
        "-m",
        "environments.paddle_matrix.export_models",
        network.name,
        weights,
        folder,
        up_sampling,
    ]
    pir = "1" if model_format == "json" else "0"
    done = subprocess.run(
        [*command, *feeds], capture_output=True, text=True, env=_child_environment(FLAGS_enable_pir_api=pir)
    )
    if done.returncode != 0:
        sys.exit(f"Paddle {environment.version} does not export {network.name} as .{model_format}:\n{done.stderr}")


def run_trials(environment: Environment, backend: str, reference: Path, models: list[Path]) -> dict[Path, Answer]:
    """Tries the models, several in one process; what kills it is tried no more, the rest goes on in a new one."""
    answers: dict[Path, Answer] = {}
    waiting = list(models)
    while waiting:
        command = [environment.python, "-m", "environments.paddle_matrix.trial", backend, reference, *waiting]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=_TIMEOUT,
                env=_child_environment(),
            )  # fmt: skip
            output, how = done.stdout, _how_it_ended(done.returncode)
        except subprocess.TimeoutExpired as expired:
            output, how = (expired.stdout or b"").decode(), f"did not end in {_TIMEOUT} s"
        for line in output.splitlines():
            answer = json.loads(line)
            answers[waiting.pop(0)] = Answer(answer["outcome"], answer["message"])
        if waiting and how:
            answers[waiting.pop(0)] = Answer("crash", how)
    return answers


def build_refuses(environment: Environment) -> str:
    """What this build's own plugin says when it meets the environment's Paddle: a refusal, or how the process ended."""
    code = (
        "import sys, hrnet_native\n"
        "try: hrnet_native.Predictor(sys.argv[1], backend='cpu', num_threads=1)\n"
        "except hrnet_native.Error as error: print(f'{type(error).__name__}: {error}')\n"
        "else: print('it runs')"
    )
    model = ROOT / "python" / "hrnet_native" / "default_model"
    done = subprocess.run(
        [sys.executable, "-c", code, model], capture_output=True, text=True,
        env=_child_environment(HRNET_NATIVE_PADDLE_DIR=str(environment.paddle)),
    )  # fmt: skip
    said = done.stdout.strip() or _how_it_ended(done.returncode)
    return said.replace(f' in "{environment.paddle}"', "")


def _how_it_ended(code: int) -> str:
    if code == 0:
        return ""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
