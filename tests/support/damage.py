"""Seeded damage to files, and hashes that know nothing of it."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import yaml

from hrnet_native.bundle.inference_yml import dump_inference_yml


def damaged(data: bytes, seed: int) -> bytes:
    """The bytes with a few of them changed, or cut."""
    chance = random.Random(seed)
    if seed % 3 == 0:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    first = chance.randrange(min(len(data), 2000)) if seed % 3 == 1 else chance.randrange(len(data))
    for position in {first, *(chance.randrange(len(data)) for _ in range(chance.choice([0, 1, 20])))}:
        changed[position] ^= chance.randrange(1, 256)
    return bytes(changed)


def recompute_hashes(bundle: Path) -> None:
    """As export would have written them; of an ``inference.yml`` that is no YAML any more, its own alone."""
    path = bundle / "inference.yml"
    text = path.read_bytes()
    try:
        config = yaml.safe_load(text)
        hashes = config["hrnet_native"]["sha256"]
        there = [name for name in hashes if (bundle / name).exists()]
        hashes.update({name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in there})
        dump_inference_yml(config, path)
    except (yaml.YAMLError, UnicodeDecodeError, OSError, KeyError, TypeError, AttributeError):
        lines = text.split(b"\n", 1)[-1]
        path.write_bytes(b"# sha256 of the lines below: " + hashlib.sha256(lines).hexdigest().encode() + b"\n" + lines)
