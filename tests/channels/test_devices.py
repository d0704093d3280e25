"""Devices by real user agents, written by hand from the shapes that browsers send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.channels.devices import LONGEST_USER_AGENT, device_type, hinted_device

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Safari/537.36", "desktop"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "desktop"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15", "desktop"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} Safari/537.36", "desktop"),
        (f"Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) {_WEBKIT} Safari/537.36", "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "mobile"),
        ("Mozilla/5.0 (iPod touch; CPU iPhone OS 12_0 like Mac OS X)", "mobile"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) Mobile", "mobile"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/7.1) Presto/2.8", "mobile"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-A536B)", "mobile"),
        ("Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10 Version/10.0 Mobile Safari/537.10", "mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 12_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {_WEBKIT} Safari/537.36", "tablet"),
        (f"Mozilla/5.0 (Linux; Android 5.0; SM-T800) {_WEBKIT} Mobile Safari/537.36", "tablet"),
        (
            "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 Silk/130.1 like Chrome/130 Safari",
            "tablet",
        ),
        ("Mozilla/5.0 (Android 13; Tablet; rv:130.0) Gecko/130.0 Firefox/130.0", "tablet"),
        ("", "desktop"),
        (None, "desktop"),
    ],
)
def test_a_user_agent_runs_on_a_device(user_agent: str | None, device: str) -> None:
    assert device_type(user_agent) == device


@given(st.text(max_size=600))
def test_any_text_has_a_device_whatever_its_case(text: str) -> None:
    assert device_type(text) in {"desktop", "mobile", "tablet"}


def test_only_the_beginning_is_read() -> None:
    assert device_type("x" * LONGEST_USER_AGENT + "iPhone") == "desktop"
    assert device_type("x" * (LONGEST_USER_AGENT - 6) + "iPhone") == "mobile"


@pytest.mark.parametrize(
    ("device", "tokens"),
    [
        ("desktop", "Smart-TV|SmartTV|GoogleTV|Android TV|AppleTV|CrKey|; AFTT|BRAVIA|Windows NT 10.0"),
        ("tablet", "iPad|Tablet|Kindle|Silk/1|PlayBook|SM-T500|Nexus 7|Nexus 9|Nexus 10|Xoom"),
        ("mobile", "Mobi|iPhone|iPod|Windows Phone|BlackBerry|BB10|Symbian|Opera Mini|Dalvik|okhttp|MIDP|webOS"),
        ("tablet", "Android"),
    ],
)
def test_each_token_alone_tells_the_device(device: str, tokens: str) -> None:
    words = tokens.split("|")
    assert {word: device_type(f"Agent/1.0 ({word})") for word in words} == dict.fromkeys(words, device)
    if device == "desktop":  # the default, too: a desktop token has to win over the others
        assert {word: device_type(f"Android; Mobile; {word}") for word in words} == dict.fromkeys(words, device)


@pytest.mark.parametrize(
    ("tokens", "device"),
    [
        ("Windows NT 10.0; Tablet", "desktop"), ("Android TV; Mobile", "desktop"), ("BRAVIA; Android", "desktop"),
        ("iPad; Mobile", "tablet"), ("Android; SM-T500; Mobile", "tablet"), ("Android; Mobile", "mobile"),
        ("Android; Dalvik", "mobile"), ("Android; webOS", "tablet"), ("CrKey; iPad", "desktop"),
    ],
)  # fmt: skip
def test_of_two_tokens_the_one_asked_for_first_tells(tokens: str, device: str) -> None:
    assert device_type(tokens) == device


@pytest.mark.parametrize(
    ("hints", "device"),
    [
        (("?1", '"Android"', ""), "mobile"), (("?0", '"Android"', ""), "tablet"), (("?0", '"Windows"', ""), "desktop"),
        (("?0", '"macOS"', ""), "desktop"), (("?0", '"Linux"', ""), "desktop"), (("?0", '"Chrome OS"', ""), "desktop"),
        (("?0", '"Chromium OS"', ""), "desktop"), (("?0", '"Fuchsia"', ""), None), (("", '"Windows"', ""), None),
        (("?1", '"Android"', '"Tablet"'), "tablet"), (("?0", '"Android"', '"Mobile"'), "mobile"),
        (("?1", '"Windows"', '"Desktop"'), "desktop"), (("?1", "", '"XR"'), "mobile"),
        (("?1", "", '"Desktop", "Tablet"'), "tablet"), (("?1", "", '"Desktop", "Mobile"'), "mobile"),
    ],
)  # fmt: skip
def test_hints_tell_the_device_before_the_user_agent(hints: tuple[str, str, str], device: str | None) -> None:
    assert hinted_device(*hints) == device
