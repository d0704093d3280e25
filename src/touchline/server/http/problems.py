"""What is answered where a request cannot be served: ``application/problem+json`` after RFC 9457."""

from collections.abc import Mapping, Sequence

import msgspec

Headers = list[tuple[str, str]]

_TITLES = {
    400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
    408: "Request timeout", 409: "Conflict", 413: "Content too large", 415: "Unsupported media type",
    429: "Too many requests", 500: "Internal server error", 503: "Service unavailable",
}  # fmt: skip
_encode = msgspec.json.Encoder(order="deterministic").encode


class Problem(Exception):  # noqa: N818 - it is the answer, not a fault
    """A refusal: ``status``, a ``code`` in words that stay, what was expected and came, and what to do.

    :param headers: what goes with it, such as ``Retry-After``.
    :param members: further members of the document.
    """

    def __init__(
        self, status: int, code: str, detail: str, hint: str = "", *,
        headers: Sequence[tuple[str, str]] = (), **members: object,
    ) -> None:  # fmt: skip
        super().__init__(f"{status} {code}: {detail} {hint}".strip())
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = list(headers)
        self.members: Mapping[str, object] = members

    def document(self) -> bytes:
        """The body.

        >>> Problem(405, "wrong_method", "Expected POST.").document()[:45]
        b'{"code":"wrong_method","detail":"Expected POS'
        """
        said = {"type": "about:blank", "title": _TITLES[self.status], "status": self.status, "code": self.code}
        hint = {"hint": self.hint} if self.hint else {}
        return inert({**said, "detail": self.detail, **hint, **self.members})


def inert(document: object) -> bytes:
    """JSON that is no markup, whatever takes it for some: what came is never given back as it came."""
    text = _encode(document)
    return text.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


JSON_HEADERS: Headers = [("content-type", "application/json"), ("x-content-type-options", "nosniff")]
PROBLEM_HEADERS: Headers = [("content-type", "application/problem+json"), ("x-content-type-options", "nosniff")]
