"""The tables of sources and platforms, held to what was written down of the world apart from them."""

import hashlib

import pytest

from touchline.channels.evidence import Evidence
from touchline.channels.ladder import classify
from touchline.channels.reference import platform_rows, source_rows
from touchline.channels.sources import platform_of, source_of_host, source_of_platform, source_of_word
from touchline.detours import payment_hosts

HOSTS = {
    "search": {
        "google.com": "Google", "google.co.uk": "Google", "bing.com": "Bing", "duckduckgo.com": "DuckDuckGo",
        "baidu.com": "Baidu", "yandex.ru": "Yandex", "ecosia.org": "Ecosia", "qwant.com": "Qwant",
        "startpage.com": "StartPage", "search.brave.com": "Brave", "seznam.cz": "Seznam", "sogou.com": "Sogou",
        "naver.com": "Naver",
    },
    "social": {
        "facebook.com": "Facebook", "lm.facebook.com": "Facebook", "instagram.com": "Instagram",
        "linkedin.com": "LinkedIn", "lnkd.in": "LinkedIn", "tiktok.com": "TikTok", "x.com": "X", "t.co": "X",
        "reddit.com": "Reddit", "pinterest.de": "Pinterest", "quora.com": "Quora", "snapchat.com": "Snapchat",
        "threads.net": "Threads", "bsky.app": "Bluesky", "mastodon.social": "Mastodon", "tumblr.com": "Tumblr",
        "discord.com": "Discord", "t.me": "Telegram", "wa.me": "WhatsApp", "line.me": "LINE", "vk.com": "VK",
        "weibo.com": "Weibo", "github.com": "GitHub", "stackoverflow.com": "Stack Overflow",
        "news.ycombinator.com": "Hacker News",
    },
    "video": {"youtube.com": "YouTube", "vimeo.com": "Vimeo", "twitch.tv": "Twitch", "netflix.com": "Netflix"},
    "shopping": {"amazon.de": "Amazon", "ebay.co.uk": "eBay", "etsy.com": "Etsy",
                 "shopping.google.com": "Google Shopping"},
    "ai": {"chatgpt.com": "ChatGPT", "claude.ai": "Claude", "perplexity.ai": "Perplexity",
           "gemini.google.com": "Gemini", "copilot.microsoft.com": "Copilot"},
    "email": {"mail.google.com": "Gmail"},
    "referral": {"docs.google.com": "Google Docs"},
    "display": {"doubleclick.net": "Display & Video 360", "googleads.g.doubleclick.net": "Google Display"},
}  # fmt: skip
"""Hosts that everybody knows, by what they are."""

WORDS = {"brevo": "email", "newsletter": "email", "impact": "affiliate", "firebase": "push", "sms": "sms"}

SELLERS = """
ADROLL: AdRoll; AMAZON_ADS: Amazon, Amazon Ads; APPLE_SEARCH_ADS: Apple Search Ads; APPLOVIN: AppLovin; BAIDU: Baidu;
CRITEO: Criteo; GOOGLE_ADS: Google, Google Ads, Google Display, Google Play, Google Shopping, YouTube;
GOOGLE_MARKETING_PLATFORM: Display & Video 360; LINKEDIN: LinkedIn;
META: Facebook, Instagram Shopping, Instagram, Messenger, Meta, Meta Ads, Threads, WhatsApp; MICROSOFT_ADS: Bing, Msn;
NAVER: Naver; NEXTDOOR: Nextdoor; OPENAI: ChatGPT; OUTBRAIN: Outbrain; PINTEREST: Pinterest; QUORA: Quora;
REDDIT: Reddit; ROKT: Rokt; SNAPCHAT: Snapchat; TABOOLA: Taboola; TENCENT: WeChat; TIKTOK: TikTok, TikTok Ads; X: X;
YAHOO: Yahoo DSP; YAHOO_JAPAN: Yahoo! Japan; YANDEX: Yandex, Yandex Ads
"""
"""Who sells clicks from which sources; the first source is what a platform's click ids stand for."""

DIGESTS = {
    "affiliate": "101 9e3348945edc",
    "ai": "82 310cddfd5a86",
    "display": "57 3a5ef1f34031",
    "email": "285 8c296f887c0d",
    "native": "10 c815331370ed",
    "payment": "363 28d2bd63490e",
    "push": "24 15100d9f0e4f",
    "referral": "51 6c7b287ccff9",
    "search": "512 7533e05bc070",
    "shopping": "68 d63aa16ce243",
    "sms": "21 4605d811677d",
    "social": "629 7dea334d1609",
    "video": "34 479b1bb2f164",
}
"""The rows of each category as they were last looked at by a person."""


def sold() -> dict[str, list[str]]:
    told = (part.split(":", 1) for part in " ".join(SELLERS.split()).split(";"))
    return {platform.strip(): [name.strip() for name in names.split(",")] for platform, names in told}


@pytest.mark.parametrize("category", HOSTS)
def test_well_known_hosts_are_what_they_are(category: str) -> None:
    found = {host: source_of_host(host) for host in HOSTS[category]}
    assert found == {host: (category, name) for host, name in HOSTS[category].items()}


def test_well_known_words_are_what_they_are() -> None:
    assert {word: source_of_word(word)[0].category for word in WORDS} == WORDS


@pytest.mark.parametrize("platform", sold())
def test_a_platform_sells_these_sources_and_no_other(platform: str) -> None:
    names = sold()[platform]
    assert [name for one, name, sells_ads in platform_rows() if (one, sells_ads) == (platform, "yes")] == names
    assert {name: platform_of(name) for name in names} == dict.fromkeys(names, platform)
    assert source_of_platform(platform).name == names[0]
    paid = {name: classify(Evidence(utm_source=name, utm_medium="cpc")).platform for name in names}
    assert paid == dict.fromkeys(names, platform)


def test_the_other_rows_of_platforms_sell_nothing() -> None:
    others = {(platform, name) for platform, name, sells_ads in platform_rows() if sells_ads != "yes"}
    assert others == {("GOOGLE_MERCHANT_CENTER", "Google Shopping"), ("INSTAGRAM", "Instagram")}
    assert {platform for platform, _, _ in platform_rows()} == {*sold(), *(platform for platform, _ in others)}


@pytest.mark.parametrize("category", sorted({category for _, category, _ in source_rows()} | {"payment"}))
def test_a_row_that_changes_is_looked_at(category: str) -> None:
    """A changed row changes channels of the past: whoever means it writes the new digest here, and the change there."""
    rows = sorted(payment_hosts()) if category == "payment" else [
        f"{key},{name}" for key, one, name in source_rows() if one == category
    ]  # fmt: skip
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]
    assert f"{len(rows)} {digest}" == DIGESTS[category]
