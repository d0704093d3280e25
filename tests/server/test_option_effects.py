"""What options of the server do, where no other test looks at it."""

import asyncio

import pytest

from tests.server.conftest import Place
from tests.server.in_process import answered, collecting
from tests.server.refusals import batch_of


@pytest.mark.parametrize(
    ("needs_origin", "origin", "status"),
    [
        (False, None, 200), (True, None, 403), (True, "https://www.shop.example", 200),
        (True, "https://evil.example", 403), (False, "https://evil.example", 403),
    ],
)  # fmt: skip
def test_needs_origin_refuses_a_publishable_key_that_no_page_sends(
    place: Place, needs_origin: bool, origin: str | None, status: int
) -> None:
    fields = {"origin": origin} if origin else {}
    said = batch_of(
        place.publishable, [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}], **fields
    )

    async def run() -> int:
        async with collecting(place, needs_origin=needs_origin) as application:
            return (await answered(application, said)).status

    assert asyncio.run(run()) == status
