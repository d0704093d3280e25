"""Next steps as one can run them: in a home with several organizations, a command names the one that it is about."""

import re

_OF_AN_ORGANIZATION = (
    "claims separate", "explain conversion", "explain person", "fit make", "goal list", "goal set", "import claims",
    "import costs", "import events", "import rates", "key create", "key list", "rejected", "report attribution",
    "settings set", "target list", "target set", "waste",
)  # fmt: skip
"""The commands in steps that are about one organization; the others are about the home."""
_COMMAND = re.compile(rf"\btouchline ({'|'.join(_OF_AN_ORGANIZATION)})\b")


def named(step: str, organization_id: str) -> str:
    """A step whose commands name an organization.

    >>> named("Compare `touchline goal list` with your events.", "acme")
    'Compare `touchline goal list --organization acme` with your events.'
    >>> named("touchline run", "acme")
    'touchline run'
    """
    return _COMMAND.sub(lambda found: f"{found[0]} --organization {organization_id}", step)
