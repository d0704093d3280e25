"""How an app uses every public name; type checkers have to see the types that stand here."""

from collections.abc import Mapping
from typing import Any, Literal, assert_type

from attribution_campaign_context import (
    CLICK_ID_KEYS,
    CLICK_IDS,
    INVENTORY,
    PUBLIC_SURFACES,
    UTM_KEYS,
    AttributionContext,
    AttributionMiddleware,
    AttributionRuntimeState,
    AttributionSession,
    AttributionSubjectLink,
    AttributionTouch,
    AttributionVisitor,
    Capture,
    CapturePolicy,
    ClickId,
    Landing,
    Linker,
    Linking,
    LinkingError,
    MemoryRecorder,
    PublicSurface,
    Recorder,
    SubjectRef,
    SubjectResolver,
    SubjectValidationError,
    Surface,
    attribution_post_commit,
    attribution_post_handler,
    attribution_pre_handler,
    checked_value,
    extract_attribution,
    host_of,
    parse_landing,
    plan_subject_touch_links,
    subject_link,
    subject_ref,
    touch_from_context,
    validate_subject_ref,
)

Relation = Literal["first_touch", "last_touch", "conversion", "assist"]


class Resolver(SubjectResolver):
    """An app's resolver that inherits from the protocol."""

    def canonical_resource(self, model_or_resource: Any) -> str:
        """The name in lower case."""
        return str(model_or_resource).lower()

    def canonical_id(self, obj_or_payload: Any) -> str:
        """The id as text."""
        return str(obj_or_payload)

    async def exists(self, resource: str, subject_id: str, db: Any) -> bool:
        """Every lead."""
        return resource == "lead" and bool(subject_id) and db is not None


def constants() -> None:
    """What is data."""
    assert_type(UTM_KEYS, frozenset[str])
    assert_type(CLICK_ID_KEYS, frozenset[str])
    assert_type(CLICK_IDS, Mapping[str, ClickId])
    assert_type(PUBLIC_SURFACES[0], PublicSurface)
    assert_type(INVENTORY[0], Surface)


def parsing() -> None:
    """What reads URLs."""
    assert_type(parse_landing("https://shop.example/"), Landing)
    assert_type(host_of("https://shop.example/"), str | None)
    assert_type(checked_value("utm_source", "x"), tuple[str | None, str | None])


def touches(request: object, visitor: AttributionVisitor, session: AttributionSession) -> AttributionTouch:
    """From a request to a touch."""
    context = extract_attribution(request, extra_keys={"affiliate_id"})
    assert_type(context, AttributionContext)
    assert_type(context.utm, dict[str, str])
    assert_type(context.has_signal, bool)
    touch = touch_from_context(context, touch_id="t1")
    assert_type(touch, AttributionTouch)
    assert_type(touch.click_ids, dict[str, str])
    assert_type(visitor.first_touch_id, str | None)
    assert_type(session.last_touch_id, str | None)
    return touch


async def links(subject: SubjectRef) -> None:
    """From a touch to links."""
    assert_type(subject_ref(Resolver(), "Lead", 7), SubjectRef)
    link = subject_link(touch_id="t1", subject=subject, relation="assist")
    assert_type(link, AttributionSubjectLink)
    assert_type(link.relation, Relation)
    assert_type(plan_subject_touch_links(touch_id="t1", subject=subject), list[AttributionSubjectLink])
    try:
        assert_type(await validate_subject_ref(subject, Resolver(), None), bool)
    except SubjectValidationError as error:
        assert_type(error.subject_id, str)


async def hooks(request: object) -> None:
    """The compatible hooks."""
    state = attribution_pre_handler(request)
    assert_type(state, AttributionRuntimeState)
    assert_type(attribution_post_handler(state, "lead", 7, resolver=Resolver()), AttributionRuntimeState)
    assert_type(await attribution_post_commit(state), AttributionSubjectLink | None)


async def linking(request: object, capture: Capture) -> None:
    """The linker, and a recorder."""
    recorder: Recorder = MemoryRecorder()
    try:
        linker = Linker(recorder, "strict", resolver=Resolver(), allowed_resources={"lead"})
    except LinkingError:
        return
    noted = linker.pre_handler(request)
    assert_type(noted, Linking)
    assert_type(await linker.post_commit(noted, relations={"conversion"}), list[AttributionSubjectLink])
    assert_type(capture.visitor_id, str | None)


def middleware(app: Any) -> None:
    """Both modes of the middleware."""
    assert_type(AttributionMiddleware(app, record_touch=MemoryRecorder().record_touch), AttributionMiddleware)
    assert_type(AttributionMiddleware(app, policy=CapturePolicy(), recorder=MemoryRecorder()), AttributionMiddleware)
