"""How finely costs and credit are added up, the coarsest first, but for channels; the table ``grains`` tells the engines."""

GRAINS = {
    "CHANNEL": "all channels",
    "ORGANIZATION": "the organization",
    "PLATFORM": "all platforms",
    "CAMPAIGN": "all campaigns",
    "ADSET": "all ad sets",
    "AD": "all ads",
}
"""Each grain, with what one sum over it covers, in words."""

GRAIN_ROWS: list[dict[str, object]] = [{"grain": grain, "depth": depth} for depth, grain in enumerate(GRAINS)]
"""The rows of the table ``grains``: how many levels of the ads' tree, the organization's among them, a grain keeps apart.

A channel is on no level.
"""
