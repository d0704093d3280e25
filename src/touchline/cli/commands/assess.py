"""``assess``: what an attribution system is capable of, layer by layer."""

import time
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.terminal import table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.assessment import Assessment


def assess(*, dbt: Path | None = None, scope: Scope = SCOPE) -> Answer:
    """Assess this installation in five layers, from identity to health: what it can do, why, and what to fix first.

    :param dbt: assess a dbt project instead: the manifest.json that `dbt parse` writes to its folder target.
    """
    from touchline.reports.assessment import assess_installation, assess_manifest

    now = time.time_ns() // 1000
    if dbt is not None:
        found = assess_manifest(dbt, now=now)
    else:
        with scope.opened(is_reading=True) as workspace:
            organization_id = workspace.organization_asked(scope.organization, None)
            engine = workspace.engine if workspace.home.has_engine else None
            found = assess_installation(engine, organization_id, now=now)
    return Answer(found, partial(_shown, found))


def _shown(found: "Assessment") -> "RenderableType":
    from rich.console import Group

    from touchline.reports.assessment.document import first_of_each

    layers = [
        [layer.name, layer.status, ", ".join(layer.capabilities_present) or "—", ", ".join(layer.capabilities_missing)]
        for layer in found.layers
    ]
    shown = [table(f"Attribution of {found.subject}", ["layer", "status", "present", "missing"], layers)]
    if found.gaps:
        gaps = [[gap.capability, gap.layer, gap.recommendation] for gap in found.gaps]
        title = "Not seen in the data" if "touchline" in found.topics else "Not found in the code"
        shown.append(table(f"{title}, what matters most first", ["missing", "layer", "recommendation"], gaps))
    claims = [  # of each capability one; --json has them all
        [claim.capability, claim.says]
        for layer in found.layers
        for claim in first_of_each(layer.claims, attrgetter("capability"))
    ]
    if claims:
        shown.append(table("Evidence", ["capability", "rests on"], claims))
    return Group(*shown)


COMMAND = assess
