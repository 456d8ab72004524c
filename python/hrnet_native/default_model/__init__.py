"""The model that ships with the package: a small HRNet for CIFAR-10's ten classes. MODEL_CARD.md describes it."""

from pathlib import Path
from typing import Final

DIRECTORY: Final = Path(__file__).parent
