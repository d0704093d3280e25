"""Which requests come from programs rather than people: what such programs put into their own names.

The lists are this package's own, put together from what operators publish about their agents; names of products are
facts and no list of another project was copied. They find programs that declare themselves. Hidden bots are not found
here; give :class:`~attribution_campaign_context.policy.CapturePolicy` a function of your own for those.
"""

import re
from functools import lru_cache

LONGEST_AGENT = 512
"""Characters of a user agent that are read, so that a hostile one costs no more than a real one."""

MONITOR_MARKS = (
    "monitor", "uptime", "pingdom", "statuscake", "synthetic", "healthcheck", "health-check", "health check",
    "apachebench", "catchpoint", "collectd", "checkly", "dareboost", "datadog", "dejaclick", "dmbrowser", "elb-",
    "freshping", "gatling", "gomez", "googlehc", "grafana", "gtmetrix", "hetrix", "httpmon", "icinga", "jmeter",
    "k6.io", "keynote", "kube-probe", "kuma/", "lighthouse", "loadimpact", "locust", "montastic", "munin", "nagios",
    "neustar", "newrelic", "nodeping", "page speed", "pagespeed", "pagerduty", "pinger", "prometheus", "ptst", "rigor",
    "route53", "site24x7", "stackdriver", "thousandeyes", "updown", "watchmouse", "webpagetest", "websitepulse",
    "zabbix",
)  # fmt: skip
"""Lower-case marks of programs that watch whether a site is up, and how fast; one anywhere makes an agent theirs."""

LIBRARY_MARKS = (
    "http-client", "httpclient", "http client", "httpunit", "libwww-perl", "lwp::", "lwp-", "python", "perl/",
    "ruby/", "rubygem", "php/", "java/1", "java/2", "curl/", "wget", "node-fetch", "node.js", "nodejs", "axios/",
    "undici", "guzzle", "superagent", "needle/", "resty", "faraday", "typhoeus", "httpx", "aiohttp", "urllib",
    "colly", "reqwest", "restsharp", "dart:io", "httpie", "postmanruntime", "insomnia/", "apache-http", "jetty/",
    "netty/", "zend_http", "zend\\http", "pear http", "symfony", "jersey/", "indy library", "clojure", "erlang",
    "elixir", "pycurl", "cpp-httplib", "webclient", "powershell", "go-http", "go http", "request-promise",
    "boost.beast", "ureq/", "khttp/", "npm/",
)  # fmt: skip
"""Lower-case marks of libraries and tools for HTTP: crawlers use them, and so do backends that send for a visitor."""

BOT_MARKS = (
    # what crawlers and the like do
    "robot", "crawl", "spider", "slurp", "scrape", "scraping", "archiver", "archivebox", "fetch", "grabber",
    "validat", "scanner", "scanning", "indexer", "indexing", "analyser", "analyzer", "extract", "harvest",
    "collector", "probe", "inspect", "preview", "thumbnail", "screenshot", "screen-shot", "snippet", "favicon",
    "sitemap", "transcoder", "survey", "research", "sectxt", "security.txt", "subscribers", "webthumb", "linkcheck",
    "link check", "link-check", "checker", "imageproxy", "mailproxy", "emailproxy", "rssproxy", "leadgen", "prospect",
    "honeypot", "pentest",
    # browsers without a person
    "headless", "phantom", "puppeteer", "playwright", "selenium", "webdriver", "cypress", "slimerjs", "htmlunit",
    "casperjs", "prerender", "rendertron", "browsershot", "wkhtml", "browserless", "chromedriver", "jsdom",
    "webkit2png",
    # systems that ask for pages
    "phpcrawl", "scrapy", "mechanize", "snoopy", "drupal", "wordpress", "joomla", "simplepie",
    # feed readers that ask from a server
    "feedfetcher", "feedparser", "feed parser", "feedburner", "feedly", "feedbin", "feedvalidator", "feedspot",
    "feedhub", "feedwrangler", "feedpress", "feed finder", "inoreader", "newsblur feed", "rss reader", "rssreader",
    "magpierss", "netvibes", "bazqux", "commafeed", "blogtrottr", "bloglovin", "newsgatoronline", "theoldreader",
    # security scanners
    "zgrab", "masscan", "nmap", "nikto", "sqlmap", "nessus", "openvas", "acunetix", "netsparker", "qualys", "wpscan",
    "whatweb", "whatcms", "nuclei", "dirbuster", "gobuster", "burpcollab", "zaproxy", "shodan", "censys", "leakix",
    "projectdiscovery", "internet-measurement", "internetmeasurement", "netcraft", "patchwatch", "sectigo", "l9tcpid",
    # Google's
    "apis-google", "mediapartners", "appengine-google", "duplexweb", "adsbot", "storebot", "googleweblight",
    "googleads", "googledocs", "googleother", "googleagent", "googleproducer", "googleassociation", "google-adwords",
    "google-ads", "google-agent", "google-apps", "google-assess", "google-cloud", "google-extended",
    "google-firebase", "google-hotel", "google-ilp", "google-inspection", "google-lens", "google-notebook",
    "google-pagerender", "google-producer", "google-publisher", "google-read-aloud", "google-safety", "google-site",
    "google-structured", "google-thumb", "google-voice", "google-youtube", "google page", "google web",
    "google search console", "google_partner", "google (+", "google-searchbyimage", "google keyword", "notebooklm",
    # previews of links in chats and networks
    "facebookexternal", "facebookcatalog", "facebookplatform", "facebookscraper", "meta-external", "meta-webindexer",
    "skypeuri", "slack-imgproxy", "vkshare", "bitlybot", "embedly", "iframely", "outbrain", "flipboardproxy",
    "flipboardrss", "discourse", "mastodon/", "akkoma", "pleroma", "misskey", "gotosocial", "kakaotalk-scrap",
    "pocketimage", "rebelmouse", "snap url",
    # assistants, their crawlers and their agents
    "chatgpt", "oai-search", "openai", "claude-", "anthropic", "perplexity", "cohere", "mistralai", "bard-ai",
    "gemini-deep", "deepseek", "kimi-", "bytespider", "ai2bot", "diffbot", "omgili", "nova-act", "novaact",
    "character-ai", "character.ai", "copilotchat", "manus-", "devin/", "firecrawl", "exasearch", "tavily",
    "duckassist", "timpi", "imagesift", "browser-use", "langchain", "llmagent", "ai-search", "ai-agent",
    "ai-research", "ai-assistant",
    # the rest by name
    "nutch", "heritrix", "larbin", "teoma", "jeeves", "scooter", "yandex.com/", "ezooms", "cloudflare-", "appsignal",
    "ichiro", "mutant", "webcollage", "iplabel", "ia_archiver", "arachni", "builtwith", "morningscore", "pageburst",
    "analyticsseo", "seomon", "admantx", "grapeshot", "brandverity", "sprinklr", "assetnote", "websnapr",
    "convertify", "datanyze", "resolver/", "linkdex", "sistrix", "sitesucker", "siteimprove", "sparkler", "evc-batch",
    "[at]", "(at)", "cloudflared", "cloudflareobs", "adbeat", "wp_is_mobile", "phpmyadmin", "keycdn", "detectify",
    "yunjiankong", "miniature.io", "webzio", "cybaa", "dummy connection", "webmoney", "marketgoo",
    "via translate.google", "htdig", "hookshot", "gitlab/",
)  # fmt: skip
"""Lower-case marks of all other programs."""

BOT_PATTERNS = (
    r"bot(?:s?[^a-z]|s?$)",  # GPTBot/1.1, but not CaBOTo
    r"(?:^|[^a-z])(?:agent|grab|ping|proxy|recon|scan|seo|serp|rss)(?:[^a-z]|$)",
    r"(?:^|[a-z])scan/|^okhttp",
    r"(?:link|site|url|web|ssl|domain|cms|status|dead|browser|http|seo|security|exchange) ?check",
    r"(?:site|web|seo|page)[ _-]?audit|audit(?:or|s?/)",
    r"download(?:er|s?/)|reader(?:/|$)|benchmark|bench/|load[ _-]?test",
    r"https?:|www\.|[\w.]@[a-z0-9-]+\.[a-z]{2}",  # an address to ask at
    r"like gecko; ",  # a browser closes the parenthesis here
    r"\(unknown; linux (?:x86|i[36]86)",
    r"compatible ?[;)]",  # "(compatible; Name/1.0)"; browsers go on with MSIE or another name of theirs
    r"user[ _-]?agent|\$\{|\{\{|<[a-z?]|\(select |w\.x\.y\.z",  # what a program's author forgot to fill in, or tries
    r"^(?:whatsapp|telegram|slack|discord|twitter|linkedin)[a-z-]*(?:/[0-9v.]+)?(?:[ /][ainw])?(?: \(.*\))?$",
    r"^(?:pinterest|facebook|tumblr|viber|skype|instagram)[a-z-]*(?:/[0-9v.]+)?(?: \(.*\))?$",  # makers of previews
    r"^google(?:[ -]|$)",
    r"^\w+::\w+|[a-z] dot [a-z]+(?:[ );]|$)",  # a module of Perl; an address that is spelled out
)  # fmt: skip
"""What else only programs say, as regular expressions without look-around over lower-case text."""

_SHAPES = (
    r"^[a-z0-9][\w .,:;+!'\[\]-]{2,99}$",  # no product with a version at all: "Hello, world"
    r"^[a-z][\w.+ -]*/v?\d+(?:\.\w+)+[; ]*$",  # a name with a full version and nothing else: "Hakai/2.0"
    r"^[\w. +-]+\([^;/]*\) *$",  # a name and one remark: "Barracuda Sentinel (EE)"
)
_OTHER_SHAPES = (r"^mozilla/[\d.]+ *[a-z][\w.-]*(?:/[\dv.]+)? *$", r"^mozilla/[\d.]+ ?\([^()]*\)? *$")
"""The same after the word that every browser begins with."""
_SYSTEMS = (
    "windows", "win32", "win9", "win16", "winnt", "macintosh", "mac os", "macos", "x11", "linux;", "linux ", "iphone",
    "ipad", "ipod", "ios", "watchos", "tvos", "android", "cfnetwork", "darwin", "symb", "series", "bb10",
    "blackberry", "playbook", "rim tablet", "web0s", "webos", "tizen", "smart", "kaios", "nintendo", "playstation",
    "bada", "palm", "j2me", "midp", "cldc", "brew", "wap", "up.browser", "up.link", "docomo", "kddi", "softbank",
    "j-phone", "maui", "opwv", "webtv", "hbbtv", "garmin", "amazon;", "roku", "beos", "haiku", "amiga", "os/2",
    "freebsd", "openbsd", "netbsd", "sunos", "solaris", "risc os", "inferno", "osf1", "irix", "hp-ux", "unix",
    "syllable", "fuchsia", "msie", "firefox", "chrome", "safari", "opera", "konqueror", "netscape", "gecko", "webkit",
    "edge", "trident", "lynx", "links", "w3m", "mosaic", "dillo", "netfront", "icab", "omniweb", "netpositive",
    "ibrowse", "galeon", "camino", "browser", "iemobile", "nokia", "samsung", "sec-", "sonyericsson", "motorola",
    "mot-", "lge", "lg-", "alcatel", "sie-", "panasonic", "sagem", "philips", "sharp", "zte", "huawei", "dalvik",
    "phone", "mobile", "tablet", "ucweb", "spotify",
)  # fmt: skip

_DEVICE = re.compile(
    r"(android[ /-]?[\d._]{0,12}; ?(?:u; ?)?(?:[a-z]{2}(?:[-_][a-z]{2,4})?; ?)?)[^;()]*", re.IGNORECASE
)
"""The name that a maker gave a device; some of them are CUBOT, Spider or Monitor."""
_CHANCE = re.compile(
    r"compatible; ?(?:msie|konqueror|ibrowse|netpositive|amiga|icab|omniweb|opera|u;|windows|linux|wap|blackberry"
    r"|lotus-notes|risc os|mspie|aol|offbyone|polaris|teleca|origyn|mc680x0|netgem|antfresco|up\.browser|abrowse|gecko)"
    r"|cubot|speedmode; proxy|\(google wap proxy|firephp/|http://(?:www\.)?(?:qtweb\.net|bsalsa\.com)"
)
"""How browsers go on, a maker of phones, proxies of phones' browsers, an add-on, and addresses that browsers name."""
_PATTERN = re.compile("|".join(BOT_PATTERNS))
_SHAPE = re.compile("|".join(_SHAPES))
_OTHER_SHAPE = re.compile("|".join(_OTHER_SHAPES))


def without_device(user_agent: str) -> str:
    """A user agent without the name that a maker gave the device, and without the number of its build.

    >>> without_device("Mozilla/5.0 (Linux; Android 15; Spider 8 Build/AP3A.240617.008) Chrome/141.0.0.0")
    'Mozilla/5.0 (Linux; Android 15; ) Chrome/141.0.0.0'
    """
    return _DEVICE.sub(r"\1", user_agent[:LONGEST_AGENT])


def readable(user_agent: str) -> str:
    """The part of a user agent that marks and patterns are looked for in: lower case, without the device's name.

    >>> readable("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/141.0.0.0")
    'mozilla/5.0 (linux; android 11; ) chrome/141.0.0.0'
    """
    return _CHANCE.sub("", without_device(user_agent).lower())


def names_only_itself(user_agent: str) -> bool:
    """Whether a user agent names no browser, system or device, but a program that is none of the known ones.

    It may be a bot as well as somebody's backend or script. A name with a whole number for a version is not counted.

    >>> names_only_itself("Acme-Checkout/1.4.2"), names_only_itself("Opera/9.80 (Windows NT 6.1)")
    (True, False)
    """
    text = without_device(user_agent).lower()
    shape = _OTHER_SHAPE if text.startswith("mozilla/") else _SHAPE
    return bool(text.strip()) and not any(name in text for name in _SYSTEMS) and shape.search(text) is not None


@lru_cache(maxsize=4096)
def is_declared_bot(user_agent: str) -> bool:
    """Whether a user agent says that it is a program; one that says nothing at all is one too.

    Time is linear in the length, of which 512 characters are read; the answers for 4,096 agents are remembered.

    >>> is_declared_bot("Mozilla/5.0 (compatible; Googlebot/2.1)"), is_declared_bot("Mozilla/5.0 (Linux; CUBOT X30)")
    (True, False)
    """
    text = readable(user_agent)
    return (
        not text.strip()
        or any(mark in text for mark in MONITOR_MARKS)
        or any(mark in text for mark in LIBRARY_MARKS)
        or any(mark in text for mark in BOT_MARKS)
        or _PATTERN.search(text) is not None
        or names_only_itself(user_agent)
    )
