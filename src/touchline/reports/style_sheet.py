"""The style sheet of pages that are one file, and the policy by which a browser takes that sheet and nothing else."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment
from markupsafe import Markup


@cache
def style_sheet() -> Markup:
    """What stands in the page's one ``style`` element, to the byte."""
    return Markup((files("touchline.reports") / "templates" / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - ours


@cache
def policy() -> Markup:
    """The Content-Security-Policy of such a page: no script, nothing from elsewhere, no style but the sheet.

    >>> "unsafe" in policy(), policy().startswith("default-src 'none'; style-src 'sha256-")
    (False, True)
    """
    digest = b64encode(sha256(style_sheet().encode()).digest()).decode()
    return Markup(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")  # noqa: S704 - ours


def add_style(environment: Environment) -> None:
    """Let templates name the style sheet and the policy."""
    environment.globals |= {"style_sheet": style_sheet(), "policy": policy()}
