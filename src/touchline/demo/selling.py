"""What the order service sends: purchases, cancellations, refunds, and the first use of what was bought."""

from collections.abc import Sequence

import numpy as np

from touchline.demo.browsing import Visitors
from touchline.demo.days import DAY, HOUR, Flags
from touchline.demo.names import event_names, stamps
from touchline.demo.pages import ORDER_PAGE, SITE
from touchline.demo.plan import CURRENCY, FIRST_USE, PURCHASE
from touchline.demo.wire import Batch, Survey, WireEvent
from touchline.demo.world import World
from touchline.ingest.event import EventType

QUESTION = "How did you hear about us?"
_CENTS = 100


def purchases(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """The purchases.

    Most come from the thank-you page; some, and all of the broken day, from the order service, which knows the customer
    but not the browser.
    """
    orders, visits = world.orders, world.orders.visit.tolist()
    columns = zip(
        event_names(chance, len(visits)),
        stamps(orders.placed_at),
        visits,
        _from_server(chance, world, visitors).tolist(),
        orders.order_ids,
        orders.cents.tolist(),
        orders.is_test.tolist(),
        _surveys(orders.answers),
        strict=True,
    )
    events = [
        WireEvent(
            event_id=name,
            type=PURCHASE.event_type,
            name=PURCHASE.event_name,
            url=SITE + ORDER_PAGE.path,
            path=ORDER_PAGE.path,
            title=None if server else ORDER_PAGE.title,
            occurred_at=at,
            anon_id=None if server else visitors.anon_ids[visit],
            session_id=None if server else visitors.session_ids[visit],
            user_id=visitors.user_ids[visit],
            email_hash=visitors.email_hashes[visit],
            account_id=visitors.account_ids[visit],
            value=cents / _CENTS,
            currency=CURRENCY,
            order_id=order,
            is_test=True if test else None,
            survey=survey,
            user_agent=visitors.user_agents[visit],
        )
        for name, at, visit, server, order, cents, test, survey in columns
    ]
    return Batch(orders.placed_at, events)


def _from_server(chance: np.random.Generator, world: World, visitors: Visitors) -> Flags:
    """Whether only the order service reports each order."""
    has_user = np.array([visitors.user_ids[visit] is not None for visit in world.orders.visit.tolist()], dtype=np.bool_)
    is_chosen = has_user & (chance.random(len(has_user)) < 0.3)
    return is_chosen | world.days.is_broken(world.orders.placed_at)


def _surveys(answers: Sequence[str | None]) -> list[Survey | None]:
    return [Survey(QUESTION, answer) if answer is not None else None for answer in answers]


def corrections(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """Cancellations and refunds, by order id; half of them name the customer too."""
    orders = world.orders
    corrected = np.flatnonzero(orders.is_cancelled | orders.is_refunded | orders.is_partly_refunded)
    columns = zip(
        event_names(chance, len(corrected)),
        stamps(orders.corrected_at[corrected]),
        corrected.tolist(),
        (chance.random(len(corrected)) < 0.5).tolist(),
        orders.is_cancelled[corrected].tolist(),
        orders.refunded_cents[corrected].tolist(),
        strict=True,
    )
    events = [
        WireEvent(
            event_id=name,
            type=EventType.REFUND,
            name="cancellation" if cancelled else "refund",
            occurred_at=at,
            user_id=visitors.user_ids[orders.visit[order]] if named else None,
            email_hash=visitors.email_hashes[orders.visit[order]] if named else None,
            value=cents / _CENTS if cents else None,
            currency=CURRENCY,
            order_id=orders.order_ids[order],
        )
        for name, at, order, named, cancelled, cents in columns
    ]
    return Batch(orders.corrected_at[corrected], events)


def first_uses(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """Three in five of those who signed up use the garden planner within the week, as its server tells."""
    visit = np.flatnonzero(world.outcomes.signed_up)
    visit = visit[chance.random(len(visit)) < 0.6]
    at = world.views.ended_at[visit] + HOUR + chance.integers(0, 7 * DAY, len(visit))
    inside = at < world.days.end
    visit, at = visit[inside], at[inside]
    columns = zip(event_names(chance, len(visit)), stamps(at), visit.tolist(), strict=True)
    events = [
        WireEvent(
            event_id=name,
            type=FIRST_USE.event_type,
            name=FIRST_USE.event_name,
            occurred_at=when,
            user_id=visitors.user_ids[number],
            account_id=visitors.account_ids[number],
        )
        for name, when, number in columns
    ]
    return Batch(at, events)
