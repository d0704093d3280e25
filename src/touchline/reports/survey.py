"""Whether a customer's own answer names the source that was tracked."""

import re

_WORDS = {
    "search": "google bing search suchmaschine duckduckgo yahoo ecosia",
    "social": "instagram facebook tiktok linkedin pinterest reddit twitter social meta insta threads snapchat",
    "video": "youtube video",
    "email": "newsletter mail email letter",
    "sms": "sms text",
    "ai": "chatgpt gpt claude gemini perplexity copilot ai ki",
    "affiliate": "voucher coupon cashback affiliate gutschein",
    "referral": "blog article website",
    "direct": "knew know customer",
}
_FAMILIES = {word: family for family, words in _WORDS.items() for word in words.split()}
_CHANNELS = {
    "search": {"Paid Search", "Organic Search", "Paid Shopping", "Organic Shopping", "Cross-network", "Display"},
    "social": {"Paid Social", "Organic Social"},
    "video": {"Paid Video", "Organic Video"},
    "email": {"Email"},
    "sms": {"SMS"},
    "ai": {"AI Assistant"},
    "affiliate": {"Affiliates"},
    "referral": {"Referral"},
    "direct": {"Direct"},
}


def agrees(answer: str, channel: str) -> bool | None:
    """Whether the answer names the channel; ``None`` where it names nothing that tracking can see.

    An answer is read word by word, and a channel agrees with any of the sources that the words name.

    >>> agrees("Google", "Paid Search"), agrees("an Instagram ad", "Email"), agrees("A friend", "Email")
    (True, False, None)
    """
    named = {_FAMILIES[word] for word in re.findall(r"[a-z]+", answer.casefold()) if word in _FAMILIES}
    return any(channel in _CHANNELS[family] for family in named) if named else None
