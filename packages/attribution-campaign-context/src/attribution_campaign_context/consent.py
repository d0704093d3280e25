"""Whether a visitor agreed: asked of the app for each request, and of the browser's privacy signals.

Without consent nothing is kept: no cookie, no id, no touch. A cookie of ours that is already there is never taken for
consent.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from inspect import isawaitable
from typing import Any

from attribution_campaign_context.cookies import candidates, check_name

Scope = MutableMapping[str, Any]
"""An ASGI connection scope."""

Consent = Callable[[Scope], bool | Awaitable[bool]]
"""The app's answer for one request; it may be asynchronous. Only ``True`` is consent."""


async def consent_given(consent: Consent | None, scope: Scope) -> bool:
    """What the app says; an app that gives no such function answers for consent elsewhere, and all requests count.

    What the function raises is passed on: whether a visitor agreed must not be guessed.
    """
    if consent is None:
        return True
    answer = consent(scope)
    if isawaitable(answer):
        answer = await answer
    return answer is True


def cookie_consent(name: str, granted: frozenset[str] | set[str]) -> Consent:
    """A consent function that reads a cookie: consent is given where its value is one of ``granted``.

    >>> agrees = cookie_consent("consent", {"all", "marketing"})
    >>> agrees({"headers": [(b"cookie", b"consent=all")]}), agrees({"headers": []})
    (True, False)
    """
    key = check_name(name).encode("ascii")

    def agrees(scope: Scope) -> bool:
        cookies = [value for header, value in scope.get("headers", ()) if header.lower() == b"cookie"]
        return next(candidates(cookies, key), None) in granted

    return agrees
