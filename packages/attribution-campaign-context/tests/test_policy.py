"""A policy that cannot work is refused when it is made, with what to do."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from attribution_campaign_context.policy import CapturePolicy


def test_the_defaults_hold_and_are_frozen() -> None:
    policy = CapturePolicy()
    assert (policy.visitor_cookie, policy.session_cookie) == ("tl_vid", "tl_sid")
    assert (policy.visitor_age, policy.session_timeout) == (timedelta(days=395), timedelta(minutes=30))
    assert policy.tail(policy.visitor_age, is_https=True) == b"; Max-Age=34128000; Path=/; Secure; SameSite=Lax"
    assert policy.tail(policy.session_timeout, is_https=False) == b"; Max-Age=1800; Path=/; SameSite=Lax"
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.retention = timedelta(days=1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        CapturePolicy("tl_vid")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"visitor_cookie": "a b"}, "cookie's name"),
        ({"visitor_cookie": "x", "session_cookie": "x"}, "two cookies"),
        ({"visitor_age": timedelta(days=401)}, "400 days"),
        ({"visitor_age": timedelta(0)}, "visitor_age is 1 second"),
        ({"visitor_age": 3600}, "visitor_age is"),
        ({"session_timeout": timedelta(seconds=59)}, "1 minute to 1 day"),
        ({"session_timeout": timedelta(days=2)}, "1 minute to 1 day"),
        ({"secure": "yes"}, "secure is one of"),
        ({"same_site": "lax"}, "same_site is one of"),
        ({"same_site": "None"}, 'needs secure="always"'),
        ({"cookie_domain": "a;b"}, "cookie's domain"),
        ({"cookie_path": "a"}, "cookie's path"),
        ({"id_pattern": "("}, "regular expression"),
        ({"id_pattern": "[0-9]+"}, "must match|match id_pattern"),
        ({"id_factory": lambda: "x"}, "match id_pattern"),
        ({"own_hosts": "shop.example"}, "own_hosts is a set"),
        ({"own_hosts": {"https://shop.example/"}}, "host names"),
        ({"methods": {"get"}}, "capitals"),
        ({"only_paths": "/a"}, "tuple of paths"),
        ({"ignored_paths": ("a",)}, "begins with '/'"),
        ({"max_query_bytes": 255}, "256 to 65536"),
        ({"max_query_bytes": 1024.0}, "256 to 65536"),
        ({"max_url_length": 65_537}, "256 to 65536"),
        ({"max_pending": 0}, "1 to 1000000"),
        ({"retention": timedelta(hours=1)}, "1 day"),
        ({"drain_timeout": timedelta(minutes=6)}, "5 minutes"),
        ({"trusted_proxies": 17}, "0 to 16"),
        ({"trusted_proxies": True}, "0 to 16"),
        ({"trusted_proxies": "10.0.0.0/8"}, "tuple of networks"),
        ({"trusted_proxies": ("10.0.0.1/8",)}, "has host bits set"),
        ({"record": "never"}, "record is one of"),
        ({"on_recorder_failure": "raise"}, 'needs record="before"'),
    ],
)
def test_what_cannot_work_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CapturePolicy(**fields)


def test_collections_become_what_they_are_declared_to_be() -> None:
    policy = CapturePolicy(own_hosts=["WWW.Shop.example"], only_paths=["/a"], methods=["GET", "POST"])  # type: ignore[arg-type]
    assert (policy.own_hosts, policy.only_paths) == (frozenset({"shop.example"}), ("/a",))
    assert policy.methods == frozenset({"GET", "POST"})
