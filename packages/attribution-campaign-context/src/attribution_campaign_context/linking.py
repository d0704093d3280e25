"""The flow that links touches to subjects and keeps the links: before the handler, after it, after the commit.

Unlike the compatible hooks it stores what it links, may run twice for one request without linking twice, checks what
its mode demands, and keeps tenants apart.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal
from uuid import UUID, uuid5

from attribution_campaign_context.associations import subject_link, subject_ref, validate_subject_ref
from attribution_campaign_context.hooks import captured
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.subjects import SubjectRef, SubjectResolver

Mode = Literal["loose", "validated", "strict"]
"""How a subject is checked: not at all; links of one that does not exist are left out; it is an error."""

CONVERTED: frozenset[AttributionRelation] = frozenset({"first_touch", "last_touch", "conversion"})
"""What a conversion is linked as unless the caller says otherwise."""

# The namespace of the ids of links: chosen once; a different one would duplicate every link.
_IDS = UUID("6f9b8a52-3d0e-5a64-9c1b-2f6d1c7e4b90")


class LinkingError(ValueError):
    """A link that must not be made, or a linker that could not keep its word; says what to do."""


@dataclass
class Linking:
    """What a linker knows of one request; made by :meth:`Linker.pre_handler`."""

    touch: AttributionTouch | None
    """The touch of this very request, if it was one."""
    visitor_id: str | None
    tenant_id: str | None
    subjects: list[SubjectRef] = field(default_factory=list)
    """What the request was about, noted by :meth:`Linker.post_handler`."""


def link_id(touch_id: str, subject: SubjectRef, relation: AttributionRelation) -> str:
    """The id that the same link always gets, so that it is kept once.

    A subject has one first touch, whichever that was, so the touch is no part of that id: of two requests at the same
    time, the recorder keeps one.

    >>> lead = SubjectRef("lead", "7", tenant_id="a")
    >>> link_id("t1", lead, "conversion") == link_id("t2", lead, "conversion")
    False
    >>> link_id("t1", lead, "first_touch") == link_id("t2", lead, "first_touch")
    True
    """
    touch = None if relation == "first_touch" else touch_id
    return str(uuid5(_IDS, json.dumps([relation, touch, subject.resource, subject.subject_id, subject.tenant_id])))


class Linker:
    """Links the touches of a visitor to the subjects of a request, once each, after the commit.

    ``mode``: ``loose`` takes every subject; ``validated`` leaves out those that the resolver does not know; ``strict``
    raises for them, and for a subject without a tenant where ``tenant_of`` is given. The latter two need a
    ``resolver``. ``allowed_resources`` are the canonical names that may be linked at all, in every mode; ``None``
    allows all. ``tenant_of`` says whose a request is. A touch does not say whose it is: a subject of a tenant is linked
    to the request's own touch only, unless the recorder keeps tenants apart (it has ``for_tenant``), or
    ``tenant_of_touch`` can tell (by the host of ``landing_url``, say).

    >>> import asyncio
    >>> from attribution_campaign_context.recorders.memory import MemoryRecorder
    >>> linker = Linker(MemoryRecorder())
    >>> scope = {"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1", visitor_id="v1")}}
    >>> linking = linker.pre_handler(scope)
    >>> linking = linker.post_handler(linking, "lead", 7)
    >>> [link.relation for link in asyncio.run(linker.post_commit(linking))]
    ['first_touch', 'last_touch', 'conversion']
    >>> asyncio.run(linker.post_commit(linking))
    []
    """

    def __init__(
        self,
        recorder: Recorder,
        mode: Mode = "loose",
        *,
        resolver: SubjectResolver | None = None,
        allowed_resources: Collection[str] | None = None,
        tenant_of: Callable[[Any], str | None] | None = None,
        tenant_of_touch: Callable[[AttributionTouch], str | None] | None = None,
    ) -> None:
        if mode not in {"loose", "validated", "strict"}:
            raise LinkingError(f"expected the mode 'loose', 'validated' or 'strict', got {mode!r}")
        if mode != "loose" and resolver is None:
            raise LinkingError(f"expected a resolver for the mode {mode!r}, got none; pass one, or be loose")
        if isinstance(allowed_resources, str):
            raise LinkingError(f"expected a set of resources, got the text {allowed_resources!r}; put it into a set")
        self.recorder = recorder
        self.mode = mode
        self.resolver = resolver
        self.allowed_resources = allowed_resources
        self.tenant_of = tenant_of
        self.tenant_of_touch = tenant_of_touch

    def pre_handler(self, request: Any) -> Linking:
        """Before the handler: takes over what the middleware left; reads nothing from the request itself.

        ``request`` is anything with a ``scope``, or an ASGI scope. Where no middleware ran, nothing will be linked.
        """
        context, touch = captured(request)
        visitor_id = (touch and touch.visitor_id) or (context and context.visitor_id)
        return Linking(touch, visitor_id or None, self.tenant_of(request) if self.tenant_of else None)

    def post_handler(
        self,
        linking: Linking,
        model_or_resource: Any,
        obj_or_payload: Any,
        *,
        table: str | None = None,
        pk_type: str | None = None,
        tenant_id: str | None = None,
    ) -> Linking:
        """After the handler, within the transaction: notes one more subject; writes nothing.

        Without a resolver, the resource is a text and the id a text, an integer or a UUID. ``tenant_id`` says whose the
        subject is where the request's tenant does not. Raises :class:`LinkingError` for an empty name or id, a resource
        that is not allowed, and a subject of another tenant than the request's.
        """
        if self.resolver is None:
            _check_plain(model_or_resource, obj_or_payload)
        tenant = tenant_id if tenant_id is not None else linking.tenant_id
        subject = subject_ref(
            self.resolver, model_or_resource, obj_or_payload, table=table, pk_type=pk_type, tenant_id=tenant
        )
        self._check(subject, linking)
        if subject not in linking.subjects:
            linking.subjects.append(subject)
        return linking

    async def plan(
        self,
        linking: Linking,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        db: Any = None,
    ) -> list[AttributionSubjectLink]:
        """The links that are missing, without keeping them; ``db`` is handed to the resolver.

        Who wants them in the transaction of the subject itself passes them to ``recorder.record_links(links, db)``,
        with a recorder of the subject's tenant.
        """
        planned: list[AttributionSubjectLink] = []
        for subject in linking.subjects:
            touches = await self._touches(linking, subject)
            if touches and await self._is_there(subject, db):
                existing = await self._of_tenant(subject.tenant_id).links_of(subject)
                links = _links(touches, subject, relations, snapshot)
                planned += [link for link in links if not _is_known(link, existing)]
        return planned

    async def post_commit(
        self,
        linking: Linking,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        db: Any = None,
    ) -> list[AttributionSubjectLink]:
        """After the commit: keeps the missing links in a transaction of the recorder's own, and returns the new ones.

        Of the visitor's touches up to this request, the oldest is the ``first_touch``, unless the subject has one; the
        newest is the ``last_touch`` and the ``conversion``; all that are not the conversion's are ``assist``. Later
        touches add links, and none is ever changed: the newest ``last_touch`` is the one that holds. Raises
        :class:`SubjectValidationError` in strict mode; the subject is committed by then, so answer the request first.
        """
        links = await self.plan(linking, relations=relations, snapshot=snapshot, db=db)
        new: list[AttributionSubjectLink] = []
        for tenant, its_links in groupby(links, lambda link: link.subject_tenant_id):
            new += await self._of_tenant(tenant).record_links(list(its_links))
        return new

    def _of_tenant(self, tenant_id: str | None) -> Recorder:
        """The recorder of one tenant, where the recorder knows tenants."""
        for_tenant: Callable[[str], Recorder] | None = getattr(self.recorder, "for_tenant", None)
        return for_tenant(tenant_id) if for_tenant and tenant_id else self.recorder

    async def _touches(self, linking: Linking, subject: SubjectRef) -> list[str]:
        """Ids of the visitor's touches up to this request that are of the subject's tenant, the oldest first."""
        touches: list[AttributionTouch] = []
        recorder = self._of_tenant(subject.tenant_id)
        is_apart = recorder is not self.recorder or (self.tenant_of is None and subject.tenant_id is None)
        if linking.visitor_id and (is_apart or self.tenant_of_touch):
            touches += await recorder.touches_of(linking.visitor_id)
            if self.tenant_of_touch and recorder is not self.recorder:  # recorded without saying for whom
                touches += await self.recorder.touches_of(linking.visitor_id)
                touches.sort(key=_moment)
        if linking.touch:
            ids = [touch.id for touch in touches]
            own = ids.index(linking.touch.id) if linking.touch.id in ids else len(ids)
            touches[own:] = [linking.touch]
        tenant_of = self.tenant_of_touch
        return [touch.id for touch in touches if touch.id and (not tenant_of or tenant_of(touch) == subject.tenant_id)]

    def _check(self, subject: SubjectRef, linking: Linking) -> None:
        if not subject.resource.strip() or not subject.subject_id.strip():
            raise LinkingError(f"expected a resource and an id, got {subject!r}; note the subject when it has its id")
        if self.allowed_resources is not None and subject.resource not in self.allowed_resources:
            allowed = ", ".join(sorted(self.allowed_resources)) or "none"
            raise LinkingError(f"expected a resource that is allowed ({allowed}), got {subject.resource!r}")
        if linking.tenant_id is not None and subject.tenant_id != linking.tenant_id:
            raise LinkingError(
                f"expected a subject of the request's tenant {linking.tenant_id!r}, got {subject.tenant_id!r}; "
                "link it in a request of its own tenant"
            )
        if self.mode == "strict" and self.tenant_of is not None and subject.tenant_id is None:
            raise LinkingError("expected a tenant in strict mode, got none; pass tenant_id, or let tenant_of know")

    async def _is_there(self, subject: SubjectRef, db: Any) -> bool:
        if self.mode == "loose" or self.resolver is None:
            return True
        return await validate_subject_ref(subject, self.resolver, db, strict=self.mode == "strict")


def _moment(touch: AttributionTouch) -> tuple[float, str]:
    return touch.created_at.timestamp() if touch.created_at else 0.0, touch.id or ""


def _check_plain(resource: Any, subject_id: Any) -> None:
    if not isinstance(resource, str) or isinstance(subject_id, bool) or not isinstance(subject_id, str | int | UUID):
        raise LinkingError(
            f"expected a resource's name and an id that is text, an integer or a UUID, got {resource!r} and "
            f"{subject_id!r}; pass those, or give the linker a resolver"
        )


def _links(
    touches: Sequence[str],
    subject: SubjectRef,
    relations: Collection[AttributionRelation],
    snapshot: dict[str, Any] | None,
) -> Iterator[AttributionSubjectLink]:
    """One link per touch and relation that applies; ``touches`` are in order, and there is at least one."""
    linked: dict[AttributionRelation, Sequence[str]] = {
        "first_touch": touches[:1],
        "last_touch": touches[-1:],
        "conversion": touches[-1:],
        "assist": touches[:-1] if "conversion" in relations else touches,
    }
    for relation, touch_ids in linked.items():
        for touch_id in touch_ids if relation in relations else ():
            named = link_id(touch_id, subject, relation)
            yield subject_link(touch_id=touch_id, subject=subject, relation=relation, link_id=named, snapshot=snapshot)


def _is_known(link: AttributionSubjectLink, existing: Sequence[AttributionSubjectLink]) -> bool:
    """Whether a subject has this link, or its first touch, already, regardless of the writer and the id."""
    return any(
        old.relation == link.relation and (link.relation == "first_touch" or old.touch_id == link.touch_id)
        for old in existing
        if old.subject_tenant_id == link.subject_tenant_id
    )
