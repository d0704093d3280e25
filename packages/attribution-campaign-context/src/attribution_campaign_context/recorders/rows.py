"""Between records and rows: pure functions that know no database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.tables import in_utc

Row = dict[str, Any]


def storable(value: Any) -> Any:
    r"""Text without what databases refuse (NUL, halves of surrogate pairs; each becomes U+FFFD), at any depth.

    A visitor can put such characters into a URL, and that must not lose the touch.

    >>> storable({"a": ["x\0", 1]})
    {'a': ['x\ufffd', 1]}
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def completed(touch: AttributionTouch, now: datetime, keep_for: timedelta | None) -> AttributionTouch:
    """The touch with an id, a time, and the end of its retention, where it came without."""
    created_at = in_utc(touch.created_at or now)
    expires_at = touch.expires_at or (None if keep_for is None else created_at + keep_for)
    return touch.model_copy(update={"id": touch.id or uuid4().hex, "created_at": created_at, "expires_at": expires_at})


def touch_row(touch: AttributionTouch, tenant: str) -> Row:
    """The row of a completed touch."""
    return {**storable(touch.model_dump()), "tenant_id": tenant}


def touch_of(row: Mapping[str, Any]) -> AttributionTouch:
    """The touch that a row keeps."""
    return AttributionTouch.model_validate({name: row[name] for name in AttributionTouch.model_fields})


def identified(link: AttributionSubjectLink) -> AttributionSubjectLink:
    """The link with an id; one that came without is always new."""
    return link if link.id else link.model_copy(update={"id": uuid4().hex})


def link_row(link: AttributionSubjectLink, now: datetime) -> Row:
    """The row of an identified link; what JSON cannot say in its snapshot is kept as text."""
    created_at = in_utc(link.created_at or now)
    return {
        **storable(link.model_dump(exclude={"snapshot"})),
        **link_payload(link, {"snapshot"}),
        "created_at": created_at,
    }


def link_payload(link: AttributionSubjectLink, only: set[str] | None = None) -> Row:
    """The link as JSON can say it."""
    clean = link.model_copy(update={"snapshot": storable(link.snapshot)})
    # Through JSON's text, because only there "not a number" becomes null and every other object becomes text.
    found: Row = json.loads(clean.model_dump_json(include=only, fallback=str))
    return found


def link_of(row: Mapping[str, Any]) -> AttributionSubjectLink:
    """The link that a row keeps."""
    return AttributionSubjectLink.model_validate({name: row[name] for name in AttributionSubjectLink.model_fields})


def visitor_rows(touches: Iterable[Row]) -> list[Row]:
    """One row per visitor, from rows of touches in any order."""
    return [
        {
            "tenant_id": tenant, "visitor_id": visitor_id, "first_touch_id": found[0]["id"],
            "last_touch_id": found[-1]["id"], "created_at": found[0]["created_at"],
            "last_seen_at": found[-1]["created_at"], "metadata": {},
        }
        for (tenant, visitor_id), found in _grouped(touches, "visitor_id")
    ]  # fmt: skip


def session_rows(touches: Iterable[Row], idle: timedelta) -> list[Row]:
    """One row per session, from rows of touches in any order; a session ends ``idle`` after its last touch."""
    return [
        {
            "tenant_id": tenant, "session_id": session_id, "visitor_id": found[0]["visitor_id"],
            "first_touch_id": found[0]["id"], "last_touch_id": found[-1]["id"], "started_at": found[0]["created_at"],
            "last_seen_at": found[-1]["created_at"], "expires_at": found[-1]["created_at"] + idle, "metadata": {},
        }
        for (tenant, session_id), found in _grouped(touches, "session_id")
    ]  # fmt: skip


def first_of_each(rows: Iterable[Row]) -> dict[str, Row]:
    """The rows by their id, in their order; of several with one id the first.

    >>> first_of_each([{"id": "b", "n": 1}, {"id": "a", "n": 2}, {"id": "b", "n": 3}])
    {'b': {'id': 'b', 'n': 1}, 'a': {'id': 'a', 'n': 2}}
    """
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row["id"], row)
    return found


def _grouped(touches: Iterable[Row], by: str) -> Sequence[tuple[tuple[str, str], list[Row]]]:
    """The touches that have the id, by tenant and id, each group by time; sorted, so that writers lock alike."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for touch in sorted(touches, key=lambda row: (row["created_at"], row["id"])):
        if touch[by] is not None:
            groups.setdefault((touch["tenant_id"], touch[by]), []).append(touch)
    return sorted(groups.items())
