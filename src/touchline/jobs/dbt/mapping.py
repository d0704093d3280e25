"""The macro that makes ``tracking_events`` of events that another tool collected, from a few columns that all have."""

from collections.abc import Mapping

from touchline.engines.warehouses import model_text
from touchline.tables import TRACKING_EVENTS

GIVEN: Mapping[str, str] = {
    "event_id": "The event's id.",
    "type": "`PAGE_VIEW`, `CONVERSION`, `CUSTOM`, `IDENTIFY` or `REFUND`.",
    "occurred_at": "When it happened, in UTC.",
    "visitor_id": "The browser's or app's id; null where it is a placeholder.",
    "user_id": "The site's own id of the signed-in user, or null.",
    "email_hash": "SHA-256 of the e-mail address in lower case, without the key of a home, or null.",
    "name": "What the event is called, such as `purchase`; goals ask for it.",
    "url": "The page, with its parameters.",
    "referrer": "The page before it.",
    "user_agent": "What the browser calls itself, or null.",
    "value_micros": "Money in millionths, an integer, or null.",
    "currency": "Its three-letter code.",
    "order_id": "The order's number, or null.",
}
"""The columns of the events that the macro is given."""

CLICK_IDS = (
    "awc", "cjevent", "dclid", "epik", "fbclid", "gbraid", "gclid", "irclickid", "li_fat_id", "msclkid", "rdt_cid",
    "ttclid", "twclid", "wbraid",
)  # fmt: skip
"""The parameters of clicks that are looked for, in their order: as a parameter, a name and a key of JSON."""
_ORGANIZATION, _SITE = "organization of the macro", "site of the macro"
_SECOND_LEVEL = ("com?", "org", "net", "gov", "edu", "ac")
"""What stands before a country's letters in a domain that several owners share, such as ``co.uk``."""
_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")


def mapping_macro(dialect: str) -> str:
    """The text of the macro ``tracking_events_from``, for a database."""
    text = model_text(_statement(), dialect, {"events": "{{ events }}"})
    text = text.replace(f"'{_ORGANIZATION}'", "'{{ organization_id }}'").replace(f"'{_SITE}'", "'{{ site_id }}'")
    said = "".join(f"   {name}: {meaning}\n" for name, meaning in GIVEN.items())
    return (
        "{# tracking_events of the events of another tool, which have these columns:\n"
        f"{said}#}}\n{{% macro tracking_events_from(events, organization_id, site_id) %}}\n{text}\n{{% endmacro %}}\n"
    )


def _statement() -> str:
    columns = ", ".join(f"cast({_values().get(one.name, 'null')} as {one.kind}) as {one.name}" for one in _COLUMNS)
    clicks = ", ".join(f"first_group(url, '[?&]{name}=([^&#]{{6,}})') as {name}" for name in CLICK_IDS)
    parameters = ", ".join(f"{_decoded(f'{name}=')} as {name}" for name in _PARAMETERS)
    return f"""
    with numbered as (
      select {", ".join(GIVEN)}, row_number() over (partition by event_id order by occurred_at, url, event_id) as copy
      from events
    ),
    read as (
      select
        {", ".join(GIVEN)}, {clicks}, {parameters},
        coalesce({_decoded("gad_campaignid=")}, {_decoded("campaign_id=")}) as campaign,
        {_host("url")} as page_host, {_host("referrer")} as referring_host
      from numbered
      where copy = 1
    )
    select {columns}
    from read
    """  # noqa: S608 - names of ours


_COLUMNS = TRACKING_EVENTS.columns


def _values() -> Mapping[str, str]:
    """What stands in the columns of ``tracking_events``; the others are null."""
    identifier = (
        f"case when visitor_id is not null then 'v:' || '{_SITE}' || ':' || visitor_id"
        " when user_id is not null then 'u:' || user_id when email_hash is not null then 'm:' || email_hash"
        f" else 'e:' || '{_SITE}' || ':' || event_id end"
    )
    names = " || ".join(f"case when {name} is null then '' else ',{name}' end" for name in CLICK_IDS)
    pairs = " || ".join(
        f"""case when {name} is null then '' else ',"{name}":"' || {name} || '"' end""" for name in CLICK_IDS
    )
    return {
        **{name: name for name in GIVEN},
        **{name: name for name in _PARAMETERS},
        "organization_id": f"'{_ORGANIZATION}'",
        "site_id": f"'{_SITE}'",
        "identifier": identifier,
        "received_at": "occurred_at",
        "page_domain": _domain("page_host"),
        "referrer_host": "referring_host",
        "referrer_domain": (
            f"case when lower(referrer) like 'http%' then {_domain('referring_host')} else referring_host end"
        ),
        "click_id_names": f"nullif(substring({names}, 2), '')",
        "click_ids": f"case when {names} = '' then null else '{{' || substring({pairs}, 2) || '}}' end",
        "campaign_ref": "coalesce(campaign, utm_id)",
        "is_verified": "true",
        "is_email_verified": "false",
        "is_test": "false",
        "sequence": "row_number() over (order by occurred_at, event_id)",
    }


def _decoded(parameter: str) -> str:
    """The value of a parameter of the page, with spaces where it has them."""
    return f"replace(replace(first_group(url, '[?&]{parameter}([^&#]+)'), '+', ' '), '%20', ' ')"


def _host(url: str) -> str:
    """The host of an address in small letters, without ``www.``."""
    host = f"first_group(lower({url}), '^[a-z-]+://([^/?#:]+)')"
    return f"case when {host} like 'www.%' then substring({host}, 5) else {host} end"


def _domain(host: str) -> str:
    """The part of a host that somebody registered: its last two labels, or three below names such as ``co.uk``.

    Of an address of numbers it is all.
    """
    shared = ", ".join(f"first_group({host}, '([^.]+[.]{name}[.][a-z][a-z])$')" for name in _SECOND_LEVEL)
    return f"coalesce({shared}, first_group({host}, '([^.]+[.][^.]*[^.0-9])$'), {host})"
