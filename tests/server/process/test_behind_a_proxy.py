"""The settings of proxies that the documentation has, tried with the proxies themselves."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.benchmarks.rolling import PROXIES, behind, block, bodies, under_load

KEPT = {
    "nginx": (
        "max_fails=0", "proxy_set_header X-Forwarded-For $remote_addr;", "proxy_next_upstream error non_idempotent;",
    ),
    "caddy": ("lb_try_duration 20s", "reverse_proxy 127.0.0.1:8484 127.0.0.1:8485"),
}  # fmt: skip
"""Of each, what a restart without a refused request and the right address hang on."""


REFUSALS = {"nginx": {"200"}, "caddy": {"200", "502"}}
"""What clients get while two servers are taken one after another, as the page says it."""


@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_with_the_settings_of_the_page_does_what_the_page_says(kind: str, tmp_path: Path) -> None:
    said = block(kind)
    assert [line for line in KEPT[kind] if line not in said] == []
    assert said.count("{") == said.count("}")
    if settings().max_examples < 1_000:
        return  # the proxies are installed by `make test-all`
    with behind(kind, tmp_path) as (place, rolling, port):
        assert bodies(place, port) == {
            "internal": 0, "made up": 1, "large": 200, "too large": 413, "compressed": 200, "script": 200,
        }  # fmt: skip
        seen, _, _ = under_load(place, rolling, port, 1, 20)
    assert set(seen) <= REFUSALS[kind]
