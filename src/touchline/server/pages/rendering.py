"""Pages as HTML: what comes from outside is escaped, and a name that a template misspells is an error."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from touchline.reports import figures, words
from touchline.reports.dimensions import NO_VISIT
from touchline.server.api.report_forms import FORMS
from touchline.server.pages import shapes
from touchline.server.pages.change import change, signed
from touchline.server.pages.screen import SHAREABLE
from touchline.server.pages.static_files import static_files
from touchline.server.pages.view import COMPARISONS, MATCHES, PERIODS

SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)
"""Of every page: what is not our own file is not loaded, and no text becomes a script."""
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


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("touchline.server.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    said = (signed, words.goal_name, words.measure_name, words.model_name, words.platform_name, words.reason_in_words)
    environment.filters |= figures.FILTERS | {one.__name__: one for one in said}
    environment.globals |= {
        "bar": shapes.bar, "change": change, "COMPARISONS": COMPARISONS, "FORMS": FORMS,
        "MATCHES": MATCHES, "NO_VISIT": NO_VISIT, "PERIODS": PERIODS, "SHAREABLE": SHAREABLE, "static": static_files(),
        "whisker": shapes.whisker,
    }  # fmt: skip
    return environment
