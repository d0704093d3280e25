"""``init``: a new home."""

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.clock import now_micros


def init(*, domain: str, currency: str, name: str = "", time_zone: str = "UTC", options: Options = COMMON) -> Answer:
    """Make a new home with one organization, its site, a key for its pages, and the goal `conversion`.

    :param domain: the site's host name, such as shop.example.
    :param currency: three letters, such as EUR: the currency of events and costs that name none.
    :param name: what the organization is called; its domain if it has no other name.
    :param time_zone: the zone whose dates the site's days are, such as Europe/Berlin.
    """
    from touchline.jobs import setup

    made = setup.init(
        options.place, name=name or domain, domain=domain, currency=currency, time_zone=time_zone, now=now_micros()
    )
    document = {"home": str(options.place.path), **made._asdict()}
    return Answer(
        document,
        lambda: Text(
            f"{options.place.path} is ready: organization {made.organization_id}, site {made.site_id}.\n"
            f"Its pages send events with the key {made.key}, which is shown this once.\n"
            "Next: touchline import events FILE…, then touchline run."
        ),
    )


COMMAND = init
