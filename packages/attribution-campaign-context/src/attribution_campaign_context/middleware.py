"""The ASGI middleware: compatible with 0.1.0 as it stands, sound with a policy.

Without a policy it does what apps of 0.1.0 rely on, to the byte of its headers, with plain defects repaired: one odd
cookie no longer hides the others, several ``Cookie`` headers are one, an empty id is replaced, and an id factory
cannot write a header of its own.

With a :class:`~attribution_campaign_context.policy.CapturePolicy` only somebody opening a page gets cookies or makes a
touch. The visitor cookie is set once; the session cookie is set again with every page, since only the browser knows how
old it is and it must live 30 minutes from the last page. All other requests get no ``Set-Cookie``, so that assets can
be cached, and no answer that its app lets shared caches keep has one. Recording starts with the request and goes on
while the app makes its answer: a slow recorder holds up nobody, a page that streams for minutes is a visit from its
beginning, and there are never more touches waiting than requests being served. A touch that a handler wants to link is
in the state all along.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from functools import partial
from typing import Any

from attribution_campaign_context.addresses import valid_host
from attribution_campaign_context.associations import touch_from_context
from attribution_campaign_context.capture import Capture, Ids, RequestReader, Skipped, capture_nothing
from attribution_campaign_context.compatible import compatible_context, random_id
from attribution_campaign_context.consent import consent_given
from attribution_campaign_context.cookies import check_name, first_cookie, set_cookie
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.recording import CaptureCounters, Recording, TouchRecorder
from attribution_campaign_context.requests import Headers
from attribution_campaign_context.shared_caches import with_cookies

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
"""Takes a scope, ``receive`` and ``send``; each framework has types of its own for these."""
Header = tuple[bytes, bytes]

_VISITOR, _SESSION = "tigrbl_vid", "sid"


class AttributionMiddleware:
    """Reads where visitors come from, gives browsers their ids, and hands touches to a recorder. Pure ASGI.

    ``scope["state"]`` gets ``attribution_context`` and ``attribution_touch`` (``None`` if there is none), with a policy
    ``attribution_capture`` too. ``record_touch`` is awaited with touch and scope; a touch that it returns takes the
    place of the one in the state; ``recorder`` gives the same by its ``record_touch``. ``visitor_cookie``,
    ``session_cookie`` and ``id_factory`` belong to the compatible mode; a policy has its own. ``counters`` says what
    happened; with a policy only.

    Raises ``ValueError`` for arguments that do not go together and for a cookie name that is none.

    >>> async def app(scope, receive, send): ...
    >>> AttributionMiddleware(app, policy=CapturePolicy()).counters.touches
    0

    Do not let anything about login, tenancy, billing or entitlement depend on what it finds: visitors write all of it.
    """

    def __init__(  # noqa: PLR0913 - five of them are those of 0.1.0
        self,
        app: ASGIApp,
        *,
        record_touch: TouchRecorder | None = None,
        visitor_cookie: str = _VISITOR,
        session_cookie: str = _SESSION,
        id_factory: Callable[[], str] | None = None,
        policy: CapturePolicy | None = None,
        recorder: Recorder | None = None,
        counters: CaptureCounters | None = None,
    ) -> None:
        if recorder is not None and record_touch is not None:
            raise ValueError("record_touch and recorder both say where touches go; give one of them.")
        if policy is not None and (visitor_cookie, session_cookie, id_factory) != (_VISITOR, _SESSION, None):
            raise ValueError(
                "visitor_cookie, session_cookie and id_factory are for the compatible mode; say them in the policy: "
                "CapturePolicy(visitor_cookie=…, session_cookie=…, id_factory=…)."
            )
        self.app = app
        self.policy = policy
        self.counters = CaptureCounters() if counters is None else counters
        self._names = (check_name(visitor_cookie).encode("ascii"), check_name(session_cookie).encode("ascii"))
        self._new_id = id_factory or random_id
        self._record: TouchRecorder | None = recorder.record_touch if recorder is not None else record_touch
        if policy is not None:
            self._prepare(policy)

    def _prepare(self, policy: CapturePolicy) -> None:
        self._reader = RequestReader(policy)
        self._names = (policy.visitor_cookie.encode("ascii"), policy.session_cookie.encode("ascii"))
        self._new_id = policy.id_factory
        self._recording = Recording(self._record, policy, self.counters) if self._record else None
        ages = (policy.visitor_age, policy.session_timeout, timedelta(0))
        self._tails = {is_https: [policy.tail(age, is_https=is_https) for age in ages] for is_https in (False, True)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; of a WebSocket the ids are read, and anything else goes through untouched."""
        if scope["type"] == "http":
            await (self._compatible if self.policy is None else self._sound)(scope, receive, send)
        elif scope["type"] == "websocket" and self.policy is not None:
            await self._know_visitor(scope)
            await self.app(scope, receive, send)
        elif scope["type"] == "lifespan" and self.policy is not None and self._recording is not None:
            await self.app(scope, partial(_receive_drained, receive, self._recording), send)
        else:
            await self.app(scope, receive, send)

    async def _compatible(self, scope: Scope, receive: Receive, send: Send) -> None:
        context, to_set = compatible_context(scope, self._names, self._new_id)
        touch = touch_from_context(context, touch_id=self._new_id()) if context.has_signal else None
        state = scope.setdefault("state", {})
        state["attribution_context"] = context
        state["attribution_touch"] = touch
        if touch is not None and self._record is not None:
            kept = await self._record(touch, scope)
            if kept is not None:
                state["attribution_touch"] = kept
        await self.app(scope, receive, partial(_send_with, send, to_set) if to_set else send)

    async def _sound(self, scope: Scope, receive: Receive, send: Send) -> None:
        policy = self._reader.policy
        headers = Headers(scope.get("headers") or ())
        objection = await self._objection(scope, headers)
        if objection:
            capture = capture_nothing(objection)
            is_cleared = policy.expire_cookies or objection != "consent"
            to_set = self._expired(scope, headers) if is_cleared and headers.cookies else []
        else:
            capture, to_set = self._captured(scope, headers)
        touch = self._touch(capture, scope, headers)
        _leave(scope, capture, touch)
        if to_set:
            send = partial(_send_soundly, send, to_set)
        recording = self._recording
        if touch is None or recording is None:
            await self.app(scope, receive, send)
        elif policy.record == "before":
            await recording.now(touch, scope)
            await self.app(scope, receive, send)
        else:
            await self._answer_and_record(recording, touch, scope, receive, send)

    async def _know_visitor(self, scope: Scope) -> None:
        """Read whose WebSocket it is, so that its subjects can be linked; it is no visit, and sets no cookie."""
        headers = Headers(scope.get("headers") or ())
        objection = await self._objection(scope, headers)
        ids = None if objection else self._reader.ids(scope, headers)
        _leave(scope, capture_nothing(objection or "websocket", ids), None)

    async def _objection(self, scope: Scope, headers: Headers) -> Skipped | None:
        """What stands against keeping anything of this visitor: a signal of the browser, or missing consent."""
        objection = self._reader.objection(headers)
        if objection:
            return objection
        consent = self._reader.policy.consent
        return None if consent is None or await consent_given(consent, scope) else "consent"

    def _captured(self, scope: Scope, headers: Headers) -> tuple[Capture, list[Header]]:
        ids = self._reader.ids(scope, headers)
        reason = self._reader.no_page(scope, headers)
        if self._reader.policy.visitor_ids != "cookies":  # those that come are of an earlier choice
            capture = self._reader.page(scope, headers, ids) if reason is None else capture_nothing(reason, ids)
            return capture, self._expired(scope, headers) if headers.cookies else []
        if reason is not None:
            return capture_nothing(reason, ids), []
        tails = self._tails[self._reader.is_https(scope, headers)]
        visitor, session = ids.visitor_id, ids.session_id
        to_set: list[Header] = []
        if visitor is None:
            visitor = self._new_id()
            to_set.append(set_cookie(self._names[0], visitor, tails[0]))
        if session is None:
            session = self._new_id()
        to_set.append(set_cookie(self._names[1], session, tails[1]))
        ids = Ids(visitor, session, ids.visitor_cookie, ids.session_cookie)
        return self._reader.page(scope, headers, ids), to_set

    def _expired(self, scope: Scope, headers: Headers) -> list[Header]:
        """Headers that delete those of our cookies that came, on whichever domain of the host's they were set."""
        is_https = self._reader.is_https(scope, headers)
        came = [name for name in self._names if first_cookie(headers.cookies, name, bool)[1]]
        tails = [self._tails[is_https][2]] if came else []
        if came and self._reader.policy.cookie_domain is None:
            labels = (valid_host(self._reader.host(scope, headers)) or "").split(".")
            wider = [".".join(labels[at:]) for at in range(len(labels) - 1)] if not labels[-1].isdecimal() else []
            tails += [self._reader.policy.tail(timedelta(0), is_https=is_https, domain=one) for one in wider]
        return [(b"set-cookie", name + b"=" + tail) for name in came for tail in tails]

    def _touch(self, capture: Capture, scope: Scope, headers: Headers) -> AttributionTouch | None:
        if capture.skipped is not None:
            self.counters.skipped[capture.skipped] += 1
            return None
        self.counters.touches += 1
        return self._reader.touch(capture, scope, headers)

    async def _answer_and_record(
        self, recording: Recording, touch: AttributionTouch, scope: Scope, receive: Receive, send: Send
    ) -> None:
        task = recording.begin(touch, scope)
        try:
            await self.app(scope, receive, send)
        except Exception:
            await (recording.now(touch, scope) if task is None else asyncio.shield(task))
            raise
        # Cut off, for instance because the visitor left: the task goes on, and the visit was one all the same.
        await (recording.now(touch, scope) if task is None else asyncio.shield(task))


def _leave(scope: Scope, capture: Capture, touch: AttributionTouch | None) -> None:
    """What a handler finds in its scope."""
    state = scope.setdefault("state", {})
    state["attribution_context"] = capture.context
    state["attribution_touch"] = touch
    state["attribution_capture"] = capture


async def _send_with(send: Send, to_set: list[Header], message: Message) -> None:
    if message["type"] == "http.response.start":
        message = {**message, "headers": [*(message.get("headers") or ()), *to_set]}
    await send(message)


async def _send_soundly(send: Send, to_set: list[Header], message: Message) -> None:
    """The same, but no answer that a shared cache may keep gets a cookie."""
    if message["type"] == "http.response.start":
        message = {**message, "headers": with_cookies(message.get("headers") or (), to_set)}
    await send(message)


async def _receive_drained(receive: Receive, recording: Recording) -> Message:
    """Let the app hear of a shutdown when the touches are recorded: it closes the recorder's database then."""
    message = await receive()
    if message["type"] == "lifespan.shutdown":
        await recording.drain()
    return message
