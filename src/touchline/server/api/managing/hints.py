"""Hints of functions that commands share, as a caller of the API needs them: operations and fields, no options."""

import re
from collections.abc import Mapping

from touchline.server.api.managing.paths import PATH

_LIST = re.compile(r"`touchline (organization|site|key|user|goal|target) list`")
_SETTING = re.compile(r"`touchline settings set (\w+)[^`]*`")
_COMMAND = re.compile(r"`touchline [^`]*`(?! on the server)")
_FIELDS: Mapping[str, str] = {
    "--organization": "the parameter organization", "--site": "siteId", "--platform": "the parameter platform",
    "--cpa": "targetCpaMicros", "--roas": "targetRoas",
}  # fmt: skip
"""By an option of commands, what a request has in its place."""
_OPTION = re.compile("|".join(sorted(_FIELDS, reverse=True)))


def in_requests(hint: str) -> str:
    """The hint; a command that no operation stands for is one to give on the server.

    >>> in_requests("See `touchline site list`."), in_requests("Give --cpa or --roas.")
    ('See GET /api/manage/sites.', 'Give targetCpaMicros or targetRoas.')
    >>> in_requests("Set another with `touchline settings set primary_goal …`.")
    'Set another with PUT /api/manage/settings/primary_goal.'
    >>> in_requests("Run `touchline fit make --kind SHAPLEY` first.")
    'Run `touchline fit make --kind SHAPLEY` on the server first.'
    """
    said = _LIST.sub(rf"GET {PATH}/\1s", hint)
    said = _SETTING.sub(rf"PUT {PATH}/settings/\1", said)
    parts = _COMMAND.split(said)
    fields = [_OPTION.sub(lambda found: _FIELDS[found[0]], part) for part in parts]
    commands = [f"{found} on the server" for found in _COMMAND.findall(said)]
    return "".join(part + command for part, command in zip(fields, [*commands, ""], strict=True))
