"""What an engine remembers about its own contents."""

from touchline.table import table

APPLIED_RULES = table("applied_rules", "text: name value", key="name")
"""What the derived tables were made with, so that a changed rule is detected."""

DEFINITIONS = table("definitions", "text: name digest", key="name")
"""With which definition each view stands, so that one that did not change is left alone."""

MOVED_CONVERSIONS = table(
    "moved_conversions",
    "int: started_at\ntext: organization_id conversion_id reason channel\nint: credit_before credit_after",
    key="started_at organization_id conversion_id channel",
)
"""Which conversions the newest runs gave other links; ``started_at`` is the run's, in microseconds since 1970."""
