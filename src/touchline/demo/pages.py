"""The pages of the shop, and the browsers and crawlers that read them."""

from typing import NamedTuple

from touchline.demo.plan import SITE_DOMAIN

SITE = f"https://{SITE_DOMAIN}"


class Page(NamedTuple):
    """One page: its path and its title."""

    path: str
    title: str


PAGES = (
    Page("/", "Fernwood Home"),
    Page("/plants", "Houseplants"),
    Page("/plants/monstera-deliciosa", "Monstera deliciosa"),
    Page("/plants/ficus-lyrata", "Ficus lyrata"),
    Page("/plants/olive-tree", "Olive tree for the balcony"),
    Page("/plants/lorbeerbaum", "Lorbeerbaum für den Balkon"),
    Page("/pots", "Pots and planters"),
    Page("/pots/terracotta-30", "Terracotta pot, 30 cm"),
    Page("/tables", "Tables"),
    Page("/tables/oak-dining-180", "Oak dining table, 180 cm"),
    Page("/tables/side-table-linden", "Side table Linden"),
    Page("/shelves", "Shelves"),
    Page("/shelves/wall-shelf-ash", "Wall shelf, ash"),
    Page("/chairs", "Chairs"),
    Page("/chairs/reading-chair-moss", "Reading chair Moss"),
    Page("/sale", "Sale"),
    Page("/journal/watering-in-summer", "Watering in summer"),
    Page("/journal/how-we-oil-oak", "How we oil oak"),
    Page("/delivery", "Delivery and returns"),
    Page("/basket", "Your basket"),
)
ACCOUNT_PAGE = Page("/account", "Your account")
ORDER_PAGE = Page("/order/thank-you", "Thank you for your order")

_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPAD = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"

BROWSERS = (
    f"{_IPHONE} Version/18.5 Mobile/15E148 Safari/604.1",
    f"{_IPHONE} CriOS/141.0.7390.41 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
    f"{_IPAD} Version/18.5 Mobile/15E148 Safari/604.1",
    f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36",
    f"{_WINDOWS} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    f"{_MAC} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
)

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
)
