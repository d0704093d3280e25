"""From context to touch, from app object to subject, from both to links: pure functions, but one that asks the app."""

from collections.abc import Iterable, Iterator
from typing import Any

from attribution_campaign_context.constants import UTM_KEYS
from attribution_campaign_context.extract import AttributionContext
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.subjects import SubjectRef, SubjectResolver

__all__ = [
    "AttributionRelation",
    "SubjectValidationError",
    "plan_subject_touch_links",
    "subject_link",
    "subject_ref",
    "touch_from_context",
    "validate_subject_ref",
]


class SubjectValidationError(ValueError):
    """The app's resolver says that a subject does not exist.

    >>> str(SubjectValidationError("lead", "7"))
    "expected a subject that exists, got 'lead' '7'; link after the commit, with the id that was committed"
    """

    def __init__(self, resource: str, subject_id: str) -> None:
        super().__init__(
            f"expected a subject that exists, got {resource!r} {subject_id!r}; "
            "link after the commit, with the id that was committed"
        )
        self.resource = resource
        self.subject_id = subject_id


def touch_from_context(
    context: AttributionContext,
    *,
    touch_id: str | None = None,
    user_agent_hash: str | None = None,
    ip_hash: str | None = None,
) -> AttributionTouch:
    """The touch that says what a context says.

    The hashes must be keyed hashes made by the caller; ``created_at`` and ``expires_at`` are the recorder's to fill.

    >>> touch_from_context(AttributionContext(utm={"utm_id": "42"}), touch_id="t1").utm_id
    '42'
    """
    return AttributionTouch.model_validate(
        {
            "id": touch_id,
            "visitor_id": context.visitor_id,
            "session_id": context.session_id,
            **{key: context.utm.get(key) for key in UTM_KEYS},
            "click_ids": context.click_ids,
            "landing_path": context.landing_path,
            "landing_url": context.landing_url,
            "referer": context.referer,
            "user_agent_hash": user_agent_hash,
            "ip_hash": ip_hash,
            "raw_params": context.raw_params,
        }
    )


def subject_ref(
    resolver: SubjectResolver | None,
    model_or_resource: Any,
    obj_or_payload: Any,
    *,
    table: str | None = None,
    pk_type: str | None = None,
    tenant_id: str | None = None,
) -> SubjectRef:
    """A subject in the words of the resolver, or without one, of the two values as text.

    Without a resolver pass a name and an id: an object becomes whatever its ``str`` says. What the resolver raises to
    refuse a resource goes through.

    >>> subject_ref(None, "lead", 7, tenant_id="t")
    SubjectRef(resource='lead', subject_id='7', table=None, pk_type=None, tenant_id='t')
    """
    resource = str(model_or_resource) if resolver is None else resolver.canonical_resource(model_or_resource)
    subject_id = str(obj_or_payload) if resolver is None else resolver.canonical_id(obj_or_payload)
    return SubjectRef(resource, subject_id, table, pk_type, tenant_id)


async def validate_subject_ref(ref: SubjectRef, resolver: SubjectResolver, db: Any, *, strict: bool = True) -> bool:
    """Whether the app knows the subject; where it does not, ``strict`` raises :class:`SubjectValidationError`."""
    is_there = await resolver.exists(ref.resource, ref.subject_id, db)
    if strict and not is_there:
        raise SubjectValidationError(ref.resource, ref.subject_id)
    return is_there


def subject_link(
    *,
    touch_id: str,
    subject: SubjectRef,
    relation: AttributionRelation = "conversion",
    link_id: str | None = None,
    snapshot: dict[str, Any] | None = None,
) -> AttributionSubjectLink:
    """One link of a touch to a subject; nothing is checked and nothing kept.

    >>> subject_link(touch_id="t1", subject=SubjectRef("lead", "7"), relation="assist").relation
    'assist'
    """
    return AttributionSubjectLink(
        id=link_id,
        touch_id=touch_id,
        subject_resource=subject.resource,
        subject_id=subject.subject_id,
        relation=relation,
        subject_table=subject.table,
        subject_pk_type=subject.pk_type,
        subject_tenant_id=subject.tenant_id,
        snapshot=snapshot or {},
    )


def plan_subject_touch_links(
    *,
    touch_id: str,
    subject: SubjectRef,
    existing_links: list[AttributionSubjectLink] | tuple[AttributionSubjectLink, ...] = (),
    conversion: bool = False,
    assist: bool = False,
    snapshot: dict[str, Any] | None = None,
) -> list[AttributionSubjectLink]:
    """The links that a touch adds to those a subject has, without ids, in the order in which they are to be written.

    ``first_touch`` if the subject has none yet, ``last_touch`` always, and one of ``conversion`` and ``assist`` where
    asked for; ``conversion`` wins over ``assist``. Planning twice gives the links twice: where a request may come
    again, use :class:`~attribution_campaign_context.linking.Linker`.

    >>> [link.relation for link in plan_subject_touch_links(touch_id="t", subject=SubjectRef("lead", "7"), assist=True)]
    ['first_touch', 'last_touch', 'assist']
    """
    relations = _relations(existing_links, conversion=conversion, assist=assist)
    return [subject_link(touch_id=touch_id, subject=subject, relation=name, snapshot=snapshot) for name in relations]


def _relations(
    existing_links: Iterable[AttributionSubjectLink], *, conversion: bool, assist: bool
) -> Iterator[AttributionRelation]:
    """What one more touch is to a subject that has these links."""
    if not any(link.relation == "first_touch" for link in existing_links):
        yield "first_touch"
    yield "last_touch"
    if conversion:
        yield "conversion"
    elif assist:
        yield "assist"
