"""How finely costs and credit are added up, the coarsest first, and by channel; `grains` tells the engines."""

GRAINS = {
    "CHANNEL": "all channels",
    "ORGANIZATION": "the organization",
    "PLATFORM": "all platforms",
    "CAMPAIGN": "all campaigns",
    "ADSET": "all ad sets",
    "AD": "all ads",
}
"""Each grain, with what one sum over it covers, in words."""

UNATTRIBUTED = "(unattributed)"
"""The row of conversions that no touch led to."""

GRAIN_ROWS: list[dict[str, object]] = [{"grain": grain, "depth": depth} for depth, grain in enumerate(GRAINS)]
"""The rows of the table ``grains``: how many levels of the tree of ads, the organization included, a grain tells apart.

A channel is on no level.
"""
