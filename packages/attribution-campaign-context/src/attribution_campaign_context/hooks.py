"""The three hooks of a request, as apps of 0.1.0 call them: before the handler, after it, after the commit.

They keep nothing: the link that the last one returns is the caller's to store. The flow that stores, checks tenants and
may run twice is :class:`attribution_campaign_context.linking.Linker`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attribution_campaign_context.associations import (
    subject_link,
    subject_ref,
    touch_from_context,
    validate_subject_ref,
)
from attribution_campaign_context.extract import AttributionContext, extract_attribution
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.subjects import SubjectRef, SubjectResolver


@dataclass
class AttributionRuntimeState:
    """What the hooks of one request know; make one per request."""

    context: AttributionContext | None = None
    touch: AttributionTouch | None = None
    subject: SubjectRef | None = None
    links: list[AttributionSubjectLink] = field(default_factory=list)


def captured(request: Any) -> tuple[AttributionContext | None, AttributionTouch | None]:
    """The context and the touch that the middleware left on a request, or on its ASGI scope.

    >>> captured({"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1")}})[1].id
    't1'
    """
    scope = request if isinstance(request, Mapping) else getattr(request, "scope", None)
    state = scope.get("state") if isinstance(scope, Mapping) else None
    if not isinstance(state, Mapping):
        return None, None
    context, touch = state.get("attribution_context"), state.get("attribution_touch")
    return (
        context if isinstance(context, AttributionContext) else None,
        touch if isinstance(touch, AttributionTouch) else None,
    )


def attribution_pre_handler(
    request: Any,
    *,
    state: AttributionRuntimeState | None = None,
    touch_id: str | None = None,
) -> AttributionRuntimeState:
    """Before the handler: takes over the context and the touch of the middleware, or reads them from the request.

    A ``touch_id`` names the touch, no matter what created it. Without one a touch that no middleware made has no id,
    and
    :func:`attribution_post_commit` then links nothing.

    >>> attribution_pre_handler(object(), touch_id="t1").touch.id
    't1'
    """
    runtime = AttributionRuntimeState() if state is None else state
    context, touch = captured(request)
    runtime.context = extract_attribution(request) if context is None else context
    if touch is None:
        runtime.touch = touch_from_context(runtime.context, touch_id=touch_id)
    else:
        runtime.touch = touch if touch_id is None else touch.model_copy(update={"id": touch_id})
    return runtime


def attribution_post_handler(
    state: AttributionRuntimeState,
    model_or_resource: Any,
    obj_or_payload: Any,
    *,
    resolver: SubjectResolver | None = None,
    table: str | None = None,
    pk_type: str | None = None,
    tenant_id: str | None = None,
) -> AttributionRuntimeState:
    """After the handler: notes which subject the request was about; see :func:`subject_ref`.

    >>> attribution_post_handler(AttributionRuntimeState(), "lead", 7).subject.subject_id
    '7'
    """
    state.subject = subject_ref(
        resolver, model_or_resource, obj_or_payload, table=table, pk_type=pk_type, tenant_id=tenant_id
    )
    return state


async def attribution_post_commit(
    state: AttributionRuntimeState,
    *,
    touch_id: str | None = None,
    relation: AttributionRelation = "conversion",
    resolver: SubjectResolver | None = None,
    db: Any = None,
    strict: bool = False,
    snapshot: dict[str, Any] | None = None,
) -> AttributionSubjectLink | None:
    """After the commit: the link of the touch to the subject, which is also appended to ``state.links``.

    ``None`` without a subject or a touch id, and where the resolver knows no such subject; ``strict`` raises
    :class:`SubjectValidationError` for the latter, and means nothing without a resolver. The link has no id, so two
    calls give two links, and it is not stored.
    """
    if state.subject is None:
        return None
    named = touch_id or (state.touch.id if state.touch else None)
    if named is None:
        return None
    if resolver is not None and not await validate_subject_ref(state.subject, resolver, db, strict=strict):
        return None
    link = subject_link(touch_id=named, subject=state.subject, relation=relation, snapshot=snapshot)
    state.links.append(link)
    return link
