"""What the OpenAPI document says of the problems that an operation may answer."""

from typing import Any

_MEANINGS = {
    "400": "The request is invalid.", "401": "Authentication is required.", "403": "Permission is denied.",
    "404": "Not found.", "405": "The method is not allowed.",
    "408": "The request timed out.", "413": "The request is too large.", "415": "The content type is not supported.",
    "429": "Too many requests; retry after the seconds in Retry-After.",
    "503": "Unavailable; retry after the seconds in Retry-After, if it is present.",
}  # fmt: skip


def refusals(*statuses: str) -> dict[str, Any]:
    """Responses that are a problem."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}
