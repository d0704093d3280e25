"""``rejected``: what was refused, why, and examples of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from touchline.cli.answer import SCOPE, Answer, Scope, Whole
from touchline.cli.terminal import number, stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.rejections import Refusals


def rejected(
    *, reason: str | None = None, site: str | None = None, show: Whole = 1, scope: Scope = SCOPE
) -> Answer:  # fmt: skip
    """Show a site's rejected events: counts by reason, and the newest examples.

    This includes bots, monitors, prefetched pages, and internal visits: all are counted, and a few per minute are
    stored as examples. With --json, each example includes its text, without personal data.

    :param reason: only this reason, such as bot or wrong_type.
    :param site: the site's id; required if there are several.
    :param show: how many examples to show for each reason.
    """
    from touchline.jobs.rejections import UNREAD, refusals

    with scope.opened(is_reading=True) as workspace:
        site_id = workspace.site(site, scope.organization)["site_id"]
        found = refusals(workspace, site_id=site_id, reason=reason, show=max(0, show))
    return Answer(
        found, partial(_shown, [r for r in found if r.reason != UNREAD], [r for r in found if r.reason == UNREAD])
    )


def _shown(refused: "Sequence[Refusals]", unread: "Sequence[Refusals]") -> "RenderableType":
    rows = [
        (
            one.reason,
            f"{datetime.fromtimestamp(event.received_at / 1e6, UTC):%Y-%m-%d %H:%M}",
            event.source,
            event.message,
        )
        for one in (*refused, *unread)
        for event in one.newest
    ]
    parts = [
        _counts(title, found)
        for title, found in (
            ("Refused events", refused),
            ("Accepted, but for what was not read or was taken out", unread),
        )
        if found
    ]
    if rows:
        parts.append(table("For example", ("reason", "received", "where", "what is wrong"), rows))
    if not parts:
        return Text("Nothing was refused.")
    return parts[0] if len(parts) == 1 else stacked(*parts)


def _counts(title: str, found: "Sequence[Refusals]") -> "RenderableType":
    return table(title, ("reason", ">events", ">kept"), [(r.reason, number(r.count), number(r.kept)) for r in found])


COMMAND = rejected
