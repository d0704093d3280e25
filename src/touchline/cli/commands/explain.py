"""``explain``: how Touchline came to a number."""

from cyclopts import App

from touchline.cli import shown
from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.reading import read

explain = App(name="explain", help="How Touchline came to a number.")


@explain.command(name="conversion")
def explain_conversion(conversion: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one conversion: what happened, which touches led to it, and who got how much credit, and why.

    :param conversion: its id, or the id of its order.
    """
    from touchline.reports.explain import explain_conversion

    return read(scope, shown.conversion, explain_conversion, conversion)


@explain.command(name="person")
def explain_person(person: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one person: the names they are known by, and which events and claims tie these together.

    :param person: an anonId, a userId, an e-mail hash, an identifier such as u:42, or the person's id.
    """
    from touchline.reports.person import explain_person

    return read(scope, shown.person, explain_person, person)


COMMAND = explain
