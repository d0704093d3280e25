"""What this package offers, as data: the inventory that apps of 0.1.0 know, and one that tells all.

:data:`PUBLIC_SURFACES` keeps the names, kinds and stabilities of 0.1.0, in its order, because programs compare them: it
calls two tables planned that it never had. :data:`INVENTORY` says what is there today, and where.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["HELPERS", "HOOKS", "INVENTORY", "MIDDLEWARE", "PUBLIC_SURFACES", "TABLES", "PublicSurface", "Surface"]


@dataclass(frozen=True)
class PublicSurface:
    """One entry of the inventory of 0.1.0."""

    name: str
    kind: str
    stability: str
    description: str


TABLES = (
    PublicSurface("AttributionTouch", "table", "first-class", "What one request said about its visitor's origin."),
    PublicSurface("AttributionSubjectLink", "table", "first-class", "A touch, and the app's subject that it led to."),
    PublicSurface("AttributionVisitor", "table", "planned", "A browser, with its first and its last touch."),
    PublicSurface("AttributionSession", "table", "planned", "A visit, with its first and its last touch."),
)
"""Records; those called planned are no names of this package."""

HOOKS = (
    PublicSurface("attribution_pre_handler", "hook", "first-class", "Before the handler: which touch the request has."),
    PublicSurface("attribution_post_handler", "hook", "first-class", "After the handler: which subject it was about."),
    PublicSurface("attribution_post_commit", "hook", "first-class", "After the commit: the link between the two."),
)
"""The hooks of a request, in the order in which they are called."""

MIDDLEWARE = (
    PublicSurface("AttributionMiddleware", "middleware", "first-class", "ASGI: ids by cookie, the touch, its record."),
)
"""What stands in front of an app."""

HELPERS = (
    PublicSurface("extract_attribution", "helper", "first-class", "Reads the marks of a campaign from any request."),
    PublicSurface("SubjectResolver", "protocol", "first-class", "How an app names its subjects and says they exist."),
    PublicSurface("touch_from_context", "helper", "first-class", "A context as a touch."),
    PublicSurface("subject_ref", "helper", "first-class", "An object of the app as a subject."),
    PublicSurface("subject_link", "helper", "first-class", "A touch and a subject as a link."),
    PublicSurface("plan_subject_touch_links", "helper", "first-class", "Which links one more touch adds."),
)
"""Functions and protocols that need no request cycle."""

PUBLIC_SURFACES = TABLES + HOOKS + MIDDLEWARE + HELPERS
"""The inventory of 0.1.0."""


class Surface(NamedTuple):
    """One public name, and where it is.

    >>> next(surface.module for surface in INVENTORY if surface.name == "Linker")
    'linking'
    """

    name: str
    kind: Literal["constant", "record", "function", "hook", "middleware", "protocol", "class", "error"]
    module: str
    """The module below this package."""


INVENTORY = (
    Surface("CLICK_IDS", "constant", "registry"),
    Surface("CLICK_ID_KEYS", "constant", "constants"),
    Surface("UTM_KEYS", "constant", "constants"),
    Surface("ClickId", "record", "registry"),
    Surface("Landing", "record", "parsing"),
    Surface("checked_value", "function", "parsing"),
    Surface("host_of", "function", "parsing"),
    Surface("parse_landing", "function", "parsing"),
    Surface("AttributionContext", "record", "extract"),
    Surface("extract_attribution", "function", "extract"),
    Surface("AttributionTouch", "record", "models"),
    Surface("AttributionSubjectLink", "record", "models"),
    Surface("SubjectRef", "record", "subjects"),
    Surface("SubjectResolver", "protocol", "subjects"),
    Surface("SubjectValidationError", "error", "associations"),
    Surface("plan_subject_touch_links", "function", "associations"),
    Surface("subject_link", "function", "associations"),
    Surface("subject_ref", "function", "associations"),
    Surface("touch_from_context", "function", "associations"),
    Surface("validate_subject_ref", "function", "associations"),
    Surface("AttributionRuntimeState", "record", "hooks"),
    Surface("attribution_pre_handler", "hook", "hooks"),
    Surface("attribution_post_handler", "hook", "hooks"),
    Surface("attribution_post_commit", "hook", "hooks"),
    Surface("AttributionMiddleware", "middleware", "middleware"),
    Surface("CapturePolicy", "class", "policy"),
    Surface("Capture", "record", "capture"),
    Surface("AttributionVisitor", "record", "visitors"),
    Surface("AttributionSession", "record", "visitors"),
    Surface("Linker", "class", "linking"),
    Surface("Linking", "record", "linking"),
    Surface("LinkingError", "error", "linking"),
    Surface("Recorder", "protocol", "recorders"),
    Surface("MemoryRecorder", "class", "recorders.memory"),
    Surface("PublicSurface", "record", "public_surfaces"),
    Surface("Surface", "record", "public_surfaces"),
    Surface("PUBLIC_SURFACES", "constant", "public_surfaces"),
    Surface("INVENTORY", "constant", "public_surfaces"),
)
"""Every name that can be imported from the package itself; it is loaded from its module when it is first asked for."""
