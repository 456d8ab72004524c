"""``key=value`` strings of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from hrnet_native.errors import InvalidArgumentError


def parse_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    """Turns ``key=value`` strings, whose values are YAML, into a dictionary.

    Raises:
        InvalidArgumentError: A string has another form.
    """
    values = {}
    for assignment in assignments:
        key, separator, value = assignment.partition("=")
        if not separator or not key:
            raise InvalidArgumentError(f"{assignment!r} must have the form key=value")
        try:
            values[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InvalidArgumentError(f"the value of {assignment!r} is not valid YAML: {error}") from error
    return values
