"""Which requests come from programs rather than people: marks that such programs put into their own names.

The list is this package's own, put together from what operators publish about their agents; names of products are facts
and no list of another project was copied. It is short on purpose: it finds bots that declare themselves. Hidden bots
are not found here; give :class:`~attribution_campaign_context.policy.CapturePolicy` a function of your own (over
``crawler-user-agents``, say).
"""

import re
from functools import lru_cache

BOT_MARKS = (
    "bot", "crawl", "spider", "slurp", "scrape", "archiver", "headless", "phantomjs", "puppeteer", "playwright",
    "selenium", "lighthouse", "pagespeed", "pingdom", "uptime", "statuscake", "monitor", "preview",
    "facebookexternalhit", "meta-external", "whatsapp/", "embedly", "feedfetcher", "mediapartners", "apis-google",
    "google-read-aloud", "google-inspectiontool", "googleother", "chatgpt-user", "claude-user", "perplexity-user",
    "curl/", "wget/", "python-requests", "python-urllib", "python-httpx", "aiohttp/", "go-http-client", "okhttp/",
    "java/", "apache-httpclient", "libwww-perl", "node-fetch", "axios/", "postmanruntime", "insomnia/", "httpie/",
    "kube-probe", "elb-healthchecker", "googlehc", "zgrab", "masscan", "nikto", "nmap",
)  # fmt: skip
"""Lower-case marks; one anywhere in a user agent makes it a program's."""

NOT_BOTS = ("cubot",)
"""Names of devices that have a mark in them by chance."""

_MARK = re.compile("|".join(map(re.escape, sorted(BOT_MARKS))))
_CHANCE = re.compile("|".join(map(re.escape, NOT_BOTS)))


@lru_cache(maxsize=4096)
def is_declared_bot(user_agent: str) -> bool:
    """Whether a user agent says that it is a program; one that says nothing at all is one too.

    Time is linear in the length, of which 512 characters are read; the answers for 4,096 agents are remembered.

    >>> is_declared_bot("Mozilla/5.0 (compatible; Googlebot/2.1)"), is_declared_bot("Mozilla/5.0 (Linux; CUBOT X30)")
    (True, False)
    """
    text = user_agent[:512].lower()
    return not text.strip() or _MARK.search(_CHANCE.sub("", text)) is not None
