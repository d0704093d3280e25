"""Portable first-party capture of marketing attribution: what a request says of its visitor's origin.

Importing this package imports nothing but the standard library: a name is loaded from its module when it is first
asked for, so that who only parses URLs needs nothing installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attribution_campaign_context.public_surfaces import INVENTORY, PUBLIC_SURFACES, PublicSurface, Surface

if TYPE_CHECKING:
    from attribution_campaign_context.associations import (
        SubjectValidationError,
        plan_subject_touch_links,
        subject_link,
        subject_ref,
        touch_from_context,
        validate_subject_ref,
    )
    from attribution_campaign_context.capture import Capture
    from attribution_campaign_context.constants import CLICK_ID_KEYS, UTM_KEYS
    from attribution_campaign_context.extract import AttributionContext, extract_attribution
    from attribution_campaign_context.hooks import (
        AttributionRuntimeState,
        attribution_post_commit,
        attribution_post_handler,
        attribution_pre_handler,
    )
    from attribution_campaign_context.linking import Linker, Linking, LinkingError
    from attribution_campaign_context.middleware import AttributionMiddleware
    from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
    from attribution_campaign_context.parsing import Landing, checked_value, host_of, parse_landing
    from attribution_campaign_context.policy import CapturePolicy
    from attribution_campaign_context.recorders import Recorder
    from attribution_campaign_context.recorders.memory import MemoryRecorder
    from attribution_campaign_context.registry import CLICK_IDS, ClickId
    from attribution_campaign_context.subjects import SubjectRef, SubjectResolver
    from attribution_campaign_context.visitors import AttributionSession, AttributionVisitor
else:
    # Hidden from type checkers, which would take every misspelt name for one that this function might know.
    def __getattr__(name: str) -> Any:
        """A public name from its module; a module of public names by its own."""
        for surface in INVENTORY:
            if surface.name == name:
                globals()[name] = getattr(import_module(f"{__name__}.{surface.module}"), name)
                return globals()[name]
        if any(surface.module == name for surface in INVENTORY):
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "CLICK_IDS",
    "CLICK_ID_KEYS",
    "INVENTORY",
    "PUBLIC_SURFACES",
    "UTM_KEYS",
    "AttributionContext",
    "AttributionMiddleware",
    "AttributionRuntimeState",
    "AttributionSession",
    "AttributionSubjectLink",
    "AttributionTouch",
    "AttributionVisitor",
    "Capture",
    "CapturePolicy",
    "ClickId",
    "Landing",
    "Linker",
    "Linking",
    "LinkingError",
    "MemoryRecorder",
    "PublicSurface",
    "Recorder",
    "SubjectRef",
    "SubjectResolver",
    "SubjectValidationError",
    "Surface",
    "attribution_post_commit",
    "attribution_post_handler",
    "attribution_pre_handler",
    "checked_value",
    "extract_attribution",
    "host_of",
    "parse_landing",
    "plan_subject_touch_links",
    "subject_link",
    "subject_ref",
    "touch_from_context",
    "validate_subject_ref",
]
