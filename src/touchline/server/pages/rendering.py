"""Pages as HTML: what comes from outside is escaped, and a name that a template misspells is an error."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from touchline.amounts import UNKNOWN, counted
from touchline.magnitudes import DAY_SECONDS, MINUTE_SECONDS
from touchline.reports import figures, words
from touchline.reports.dimensions import NO_VISIT
from touchline.server.api.report_forms import FORMS
from touchline.server.pages import shapes
from touchline.server.pages.change import change, signed
from touchline.server.pages.charts import FILES
from touchline.server.pages.screen import SHAREABLE
from touchline.server.pages.static_files import static_files
from touchline.server.pages.view import COMPARISONS, MATCHES, PERIODS
from touchline.server.tracker.snippet import NO_KEY, snippet

SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)
"""Of every page: what is not our own file is not loaded, and no text becomes a script."""
_OPTION = re.compile(r"--([a-z][a-z-]*)")
_HOUR_MINUTES = 60
_MOST_HOURS = 48
"""A touch that was longer before is as many days before."""
HEADERS: Mapping[str, str] = {
    "content-security-policy": SECURITY_POLICY,
    "cache-control": "private, no-cache",
    "vary": "cookie",
    # A form that is sent with `no-referrer` names no origin, and could not be told from one of a foreign page.
    "referrer-policy": "same-origin",
}


def rendered(template: str, **values: Any) -> bytes:
    """A page."""
    return _environment().get_template(f"{template}.html.j2").render(**values).encode()


def moment(micros: int | None) -> str:
    """A moment of the ledger (microseconds since 1970) as people write it, in UTC.

    >>> moment(1_772_323_200_000_000), moment(None)
    ('00:00 on 1 Mar 2026', '—')
    """
    if micros is None:
        return UNKNOWN
    found = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return f"{found:%H:%M} on {figures.day(found)}"


def _snippet(server: str, domain: str, key: str = NO_KEY) -> str:
    """The snippet of a site, with a placeholder for a key that is not known."""
    return snippet(server, key, [domain], needs_consent=False)


def on_page(text: str) -> str:
    """What a command says, as the form has it, whose fields are no options; commands in backticks stay commands.

    >>> on_page("Give --time-zone, or run `touchline run --full`.")
    'Give time zone, or run `touchline run --full`.'
    """
    return "`".join(
        part if odd % 2 else _OPTION.sub(lambda found: found[1].replace("-", " "), part)
        for odd, part in enumerate(text.split("`"))
    )


def clicks(row: Any) -> str:
    """The clicks of a row with costs; a dash where the report that it comes from counted neither clicks nor views.

    >>> from types import SimpleNamespace
    >>> clicks(SimpleNamespace(clicks=0, impressions=0)), clicks(SimpleNamespace(clicks=0, impressions=900))
    ('—', '0')
    """
    return figures.whole(row.clicks if row.clicks or row.impressions else None)


def time_before(days: float) -> str:
    """How long before a conversion a touch was, in days.

    >>> time_before(0.00001), time_before(0.0028), time_before(0.5), time_before(3.25)
    ('less than a minute', '4 minutes', '12 hours', '3.2 days')
    """
    minutes = round(days * DAY_SECONDS / MINUTE_SECONDS)
    if not minutes:
        return "less than a minute"
    if minutes < 2 * _HOUR_MINUTES:
        return counted(minutes, "minute")
    hours = round(minutes / _HOUR_MINUTES)
    return counted(hours, "hour") if hours < _MOST_HOURS else f"{figures.conversions(days)} days"


def code_marks(text: str) -> Markup:
    """A docstring's text with its single backticks as code.

    >>> code_marks("`keep` or <b>")
    Markup('<code>keep</code> or &lt;b&gt;')
    """
    parts = (
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)


def platform_pair(code: str) -> tuple[str, str]:
    """A platform as a choice: its code and its name."""
    return code, words.platform_name(code)


def spaced_pair(code: str) -> tuple[str, str]:
    """A code as a choice whose words are its own."""
    return code, code.replace("_", " ")


def twice(text: str) -> tuple[str, str]:
    """A text as a choice whose words are its value."""
    return text, text


def anchor(text: str) -> str:
    """A text as a part of an id; two texts have two."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("touchline.server.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    said = (signed, words.goal_name, words.measure_name, words.model_name, words.platform_name, words.reason_in_words)
    environment.filters |= {
        one.__name__: one
        for one in (anchor, clicks, code_marks, moment, on_page, platform_pair, spaced_pair, time_before, twice)
    }
    environment.filters |= figures.FILTERS | {one.__name__: one for one in said}
    environment.globals |= {
        "bar": shapes.bar, "change": change, "CHART_FILES": FILES, "COMPARISONS": COMPARISONS, "FORMS": FORMS,
        "MATCHES": MATCHES, "NO_VISIT": NO_VISIT, "PERIODS": PERIODS, "SHAREABLE": SHAREABLE, "snippet": _snippet,
        "static": static_files(), "whisker": shapes.whisker,
    }  # fmt: skip
    return environment
