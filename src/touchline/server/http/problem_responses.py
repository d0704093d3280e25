"""What the OpenAPI document says of the problems that an operation may answer."""

from typing import Any

_MEANINGS = {
    "400": "It is not as expected.", "401": "Nobody known asks.", "403": "Whoever asks may not.",
    "404": "There is nothing of this name.", "405": "Another method is expected.",
    "408": "It did not come in time.", "413": "It is too large.", "415": "It is of another type.",
    "429": "Too many of them; Retry-After says when to come again.",
    "503": "Not now; where Retry-After stands, come again after so many seconds.",
}  # fmt: skip


def refusals(*statuses: str) -> dict[str, Any]:
    """Responses that are a problem."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}
