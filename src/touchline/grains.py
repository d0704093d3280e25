"""How finely costs and credit are added up, the coarsest first; the table ``grains`` tells the engines."""

GRAINS = {
    "ORGANIZATION": "the organization",
    "PLATFORM": "all platforms",
    "CAMPAIGN": "all campaigns",
    "ADSET": "all ad sets",
    "AD": "all ads",
}
"""Each grain, with what one sum over it covers, in words."""

GRAIN_ROWS: list[dict[str, object]] = [{"grain": grain, "depth": depth} for depth, grain in enumerate(GRAINS, 1)]
"""The rows of the table ``grains``."""
