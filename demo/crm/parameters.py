"""Request parameters as PHP sees them: body over query, the last of repeated keys, brackets make arrays."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request


def read_parameters(request: Request) -> dict[str, Any]:
    query = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
    return merge([*query, *request.form.items(multi=True)])


def merge(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the pairs as PHP's $_REQUEST; `key[]=` and `key[sub]=` give a dict, never a string."""
    parameters: dict[str, Any] = {}
    for raw_name, value in pairs:
        name, bracket, rest = raw_name.partition("[")
        name = name.replace(".", "_").replace(" ", "_")
        if not bracket:
            parameters[name] = value
            continue
        values = parameters.get(name)
        if not isinstance(values, dict):
            values = parameters[name] = {}
        values[rest.partition("]")[0] or len(values)] = value
    return parameters
