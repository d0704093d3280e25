"""The positive control: a server that acknowledges before it commits. The campaign has to find it out."""

import asyncio
import json
import os

from touchline.server.application import create
from touchline.server.collector import Collector, Offer, Outcome
from touchline.server.options import ServerOptions
from touchline.settings import home_from


def _take_at_its_word(self: Collector, offer: Offer) -> "asyncio.Future[Outcome]":
    taken = _honestly(self, offer)
    if not taken.done():
        taken.set_result(Outcome(len(offer.events), 0, 0, ()))
    return taken


_honestly = Collector.take
Collector.take = _take_at_its_word  # type: ignore[method-assign]
application = create(home_from(), ServerOptions(**json.loads(os.environ["OPTIONS"])))
