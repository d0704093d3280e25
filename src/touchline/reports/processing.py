"""The record of processing activities: what is kept of persons, why and how long, by the settings in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from touchline.amounts import counted
from touchline.settings import OrganizationSettings
from touchline.visitor_ids import VisitorIds, visitor_ids_at


@dataclass(frozen=True)
class Activity:
    """One row of the record."""

    topic: str
    answer: str


@dataclass(frozen=True)
class ProcessingRecord:
    """What is kept of persons in one organization."""

    organization: str
    activities: tuple[Activity, ...]


_KEPT: Mapping[VisitorIds, str] = {
    "cookies": "an id in a first-party cookie for 395 days, and an id of the visit",
    "cookieless": "nothing in the browser; a hash of address and user agent, whose key is destroyed after two days",
    "anonymous": "no id; a hash with a key that is destroyed after two days holds the visit together",
}


def processing_record(
    organization: str, sites: Sequence[Mapping[str, str]], settings: OrganizationSettings, *, backups: int,
    erased: int, consents: Mapping[str, int],
) -> ProcessingRecord:  # fmt: skip
    """The record of an organization.

    :param sites: their ``site_id`` and ``domain``.
    :param backups: how many backups are still where they were made.
    :param erased: how many entries of erasures there are.
    :param consents: how many records of consent there are, by choice.
    """
    rows = [Activity("Purpose", "Measuring which marketing led to which conversions, and what it cost")]
    for site in sites:
        choice = visitor_ids_at(settings.visitor_ids, site["site_id"])
        rows.append(Activity(f"Identification on {site['domain']}", _KEPT[choice]))
    rows += [
        Activity("Categories of data", _categories(settings)),
        Activity("Taken out before it is kept", _redaction(settings)),
        Activity("IP addresses", "never stored; a hash with a random key of the day, destroyed after two days"),
        Activity("Hashes of e-mail addresses", "stored with a secret key of the home, and never as a plain SHA-256"),
        Activity("Refusals", _refusals(settings)),
        Activity(
            "Records of consent", ", ".join(f"{number:,} {name}" for name, number in sorted(consents.items())) or "none"
        ),
        Activity("Withdrawal of consent", _WITHDRAWN[settings.withdrawal]),
        Activity("Retention of events", _days(settings.retention_days)),
        Activity("Recipients", "none by Touchline itself; exports and alarms go where somebody sends them"),
        Activity(
            "Erasures",
            f"{counted(erased, 'entry', 'entries')}, as keyed hashes; the numbers that involve the person change",
        ),
        Activity("Backups that may hold erased persons", f"{backups:,}; a restore repeats the erasures"),
        Activity("Access", "is in the audit log (touchline audit) for two years"),
    ]
    return ProcessingRecord(organization, tuple(rows))


_WITHDRAWN = {
    "mark": "is put on record; events that were kept stay",
    "erase": "erases what browsers reported of the visitor on that site with the next run, within a day",
}


def _days(number: int) -> str:
    if not number:
        return "until somebody erases them: retention_days is 0"
    return f"{counted(number, 'day')} after they happened"


def _categories(settings: OrganizationSettings) -> str:
    kept = {"titles": settings.titles, "queries": settings.queries, "user agents": settings.user_agents}
    left_out = [name for name, choice in kept.items() if choice == "leave_out"]
    more = f"; not {', '.join(left_out)}" if left_out else ""
    return f"pages viewed, campaigns and click ids, orders and their value, ids that the site passes on{more}"


def _redaction(settings: OrganizationSettings) -> str:
    own = [name for name in ("redacted_keys", "redaction_rules") if getattr(settings, name)]
    less = f"; values of {settings.kept_keys} are kept" if settings.kept_keys else ""
    more = f", and by {' and '.join(own)}" if own else ""
    return f"e-mail addresses, phone numbers, IP addresses, cards, tokens, names and postal addresses{more}{less}"


def _refusals(settings: OrganizationSettings) -> str:
    signals = "Global Privacy Control" + (" and DNT" if settings.do_not_track == "respect" else "")
    return f"a choice on any host of the site, and {signals}, go before any grant; such views are counted without an id"
