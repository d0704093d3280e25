"""``lift``: what lift tests found, which reports show in columns of their own."""

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Day, Number, Scope
from touchline.cli.listing import listed, rows_of_organization, said

lift = App(name="lift", help="Manage factors of lift tests, which reports show as calibrated conversions.")


@lift.command(name="add")
def add_lift(  # noqa: PLR0913 - what a test found
    *, factor: Number, source: str, start: Day, channel: str = "", platform: str = "", campaign: str = "",
    end: Day | None = None, low: Number | None = None, high: Number | None = None, model: str = "",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Add what a lift test found of a channel or a campaign.

    :param factor: how many conversions it caused per conversion credited to it.
    :param source: which test it was.
    :param start: the first day of conversions that the factor is for.
    :param channel: the channel, as reports name it.
    :param platform: in the place of a channel, the ad platform of a campaign.
    :param campaign: the campaign's id in the costs.
    :param end: the last day; by default all later days.
    :param low: the lower end of the factor's interval, as the test states it.
    :param high: the upper end.
    :param model: the model whose credit the test was compared with; by default the factor is for every model.
    """
    from touchline.jobs.lifting import Lift, Subject
    from touchline.jobs.lifting import add_lift as kept

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        found = Lift(factor, source, start, end, low, high)
        of = kept(workspace, organization_id, Subject(channel, platform, campaign, model), found)
    days = {"start_date": start.isoformat(), "end_date": end.isoformat() if end else None}
    document = {**vars(of), **days, "factor": factor, "low": low, "high": high, "source": source}
    return said(document, f"The factor {factor} of {of} is in reports after the next `touchline run`.")


@lift.command(name="list")
def list_lifts(*, scope: Scope = SCOPE) -> Answer:
    """List the factors."""
    columns = (
        "channel", "platform", "campaign_id", "model", "start_date", "end_date", "factor", "low", "high", "source",
    )  # fmt: skip
    return listed("lifts", rows_of_organization(scope, "LIFT_FACTORS", columns), columns)


@lift.command(name="remove")
def remove_lift(
    *, start: Day, channel: str = "", platform: str = "", campaign: str = "", model: str = "", scope: Scope = SCOPE
) -> Answer:
    """Remove a factor.

    :param start: the first day that the factor is for.
    :param channel: its channel.
    :param platform: in the place of a channel, the ad platform of its campaign.
    :param campaign: the campaign's id.
    :param model: its model, where it has one.
    """
    from touchline.jobs.lifting import Subject
    from touchline.jobs.lifting import remove_lift as removed

    subject = Subject(channel, platform, campaign, model)
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        removed(workspace, organization_id, subject, start)
    document = {**vars(subject), "start_date": start.isoformat()}
    return said(document, "The factor is removed. The next `touchline run` takes it out of reports.")


COMMAND = lift
