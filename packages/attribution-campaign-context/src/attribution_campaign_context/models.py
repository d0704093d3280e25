"""The two records this package is about: a touch, and a link from a touch to a subject of the app.

Both are append-only. Where they are kept is a recorder's business (:mod:`attribution_campaign_context.recorders`).
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

AttributionRelation = Literal["first_touch", "last_touch", "conversion", "assist"]
"""What a touch was to a subject."""


class AttributionTouch(BaseModel):
    """What one request said about where its visitor came from.

    Every field may be absent: ``None`` says that nobody knew, never that the value was empty or zero. Times carry their
    zone. Do not change a touch that has been recorded; a later request is another touch.

    >>> AttributionTouch(id="t1", utm_source="news").model_dump(exclude_defaults=True)
    {'id': 't1', 'utm_source': 'news'}
    """

    id: str | None = None
    """Who makes the touch gives its id; ``None`` until then."""
    visitor_id: str | None = None
    """The durable id of the browser, from the visitor cookie."""
    session_id: str | None = None
    utm_source: str | None = None
    """In lower case, like ``utm_medium``; the other parameters are kept as they came."""
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    utm_id: str | None = None
    click_ids: dict[str, str] = Field(default_factory=dict)
    """Click ids by the name of their parameter."""
    landing_path: str | None = None
    landing_url: str | None = None
    referer: str | None = None
    user_agent_hash: str | None = None
    """A keyed hash, never the user agent itself; the same holds for ``ip_hash`` and the address."""
    ip_hash: str | None = None
    raw_params: dict[str, str] = Field(default_factory=dict)
    """Every parameter that was taken over, the extra ones of the app included."""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    """When the touch is to be deleted; ``None`` says that no retention was set."""


class AttributionSubjectLink(BaseModel):
    """One touch, and one thing of the app that it led to: a lead, an order, a signup.

    There is no foreign key to the app's tables: the subject is a name of a resource and an opaque id, so that one
    package serves every app. A subject may have many links. Missing ``touch_id``, ``subject_resource`` or
    ``subject_id``, or an unknown ``relation``, raises pydantic's ``ValidationError``.

    >>> AttributionSubjectLink(touch_id="t1", subject_resource="lead", subject_id="7").relation
    'conversion'
    """

    id: str | None = None
    """A recorder keeps one link per id; :class:`~attribution_campaign_context.linking.Linker` derives it."""
    touch_id: str
    subject_resource: str
    """The app's name for the kind of subject."""
    subject_id: str
    relation: AttributionRelation = "conversion"
    subject_table: str | None = None
    subject_pk_type: str | None = None
    subject_tenant_id: str | None = None
    """The tenant whose subject it is; links of different tenants never meet."""
    snapshot: dict[str, Any] = Field(default_factory=dict)
    """What the app wants to remember of the subject at that time; it must be writable as JSON."""
    created_at: datetime | None = None
