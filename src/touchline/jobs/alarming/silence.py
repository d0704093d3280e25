"""Sites of which nothing arrives, as something that broke: judged by the clock, whether or not there is a run.

Their cases are days with data, which all days usually are.
"""

from datetime import UTC, datetime

from touchline.jobs.doctor.silence import Silence, silences
from touchline.jobs.workspace import Workspace
from touchline.reports.breaks import Break, alarm_id_of
from touchline.reports.first_checks import first_check, touches

MEASURE = "arrival"


def silent_sites(workspace: Workspace, organization_id: str, now: int) -> list[Break]:
    """The sites of which nothing has arrived for too long.

    :param now: microseconds since 1970.
    """
    currency = workspace.organization(organization_id)["currency"]
    return [_break(one, currency) for one in silences(workspace, organization_id, now)]


def _break(silence: Silence, currency: str) -> Break:
    since = datetime.fromtimestamp(silence.since // 1_000_000, UTC).date()
    return Break(
        alarm_id=alarm_id_of(silence.site_id, MEASURE, "", since), site_id=silence.site_id, measure=MEASURE, goal="",
        direction="below", since=since, until=since, is_over=False, value=0.0, centre=1.0, cases=0,
        denominator=silence.days, effect=-float(silence.days), conversions_in_doubt=0, value_in_doubt_micros=0,
        currency=currency, findings_held_back=0, first_check=first_check(MEASURE, "below"), owner="",
        sentence=f"{silence.sentence[0].upper()}{silence.sentence[1:]} {touches(MEASURE)}.",
    )  # fmt: skip
