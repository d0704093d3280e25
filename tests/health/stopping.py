"""A site whose landings nearly stop for three days, and come again."""

import json
from datetime import date, timedelta
from pathlib import Path

FIRST = date(2026, 1, 5)
STOPPED = (FIRST + timedelta(days=30), FIRST + timedelta(days=32))
"""The first and the last of the days without most landings."""
_USUAL, _FEW, _DAYS = 12, 1, 36


def write_stop(file: Path, site: str = "") -> Path:
    """Events of 36 days, with a few orders on the days of the stop."""
    days = [(day, FIRST + timedelta(days=day)) for day in range(_DAYS)]
    stopped = [(day, today) for day, today in days if STOPPED[0] <= today <= STOPPED[1]]
    views = [
        {"type": "PAGE_VIEW", "eventId": f"{site}v-{day}-{number}", "anonId": f"{site}p-{day}-{number}"}
        | {"url": "https://shop.example/?utm_source=news&utm_medium=email"}
        | {"occurredAt": f"{today}T10:{number:02}:00Z"}
        for day, today in days
        for number in range(_FEW if (day, today) in stopped else _USUAL)
    ]
    orders = [
        {"type": "CONVERSION", "eventId": f"{site}o-{day}", "anonId": f"{site}p-{day}-0", "value": "20"}
        | {"currency": "EUR", "occurredAt": f"{today}T11:00:00Z"}
        for day, today in stopped
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in (*orders, *views)), encoding="utf-8")
    return file
