"""The days that a view looks at: presets end on the last day with data, so that an address means the same all day."""

from datetime import date, timedelta

from touchline.reports.question import Window
from touchline.server.pages.view import View

_DAYS = {"7d": 7, "28d": 28, "90d": 90, "365d": 365}


def window_of(view: View, data: Window) -> Window:
    """The days of a view; without any where there is no data.

    :param data: the first and the last day with data.

    >>> data = Window(date(2026, 1, 10), date(2026, 3, 5))
    >>> window_of(View(period="7d"), data).start, window_of(View(period="last-month"), data).end
    (datetime.date(2026, 2, 27), datetime.date(2026, 2, 28))
    """
    if view.start or view.end:
        start = view.start or min(filter(None, (data.start, view.end)))
        return Window(start, view.end or max(filter(None, (data.end, start))))
    if data.start is None or data.end is None:
        return data
    return Window(*_preset(view.period, data.start, data.end))


def _preset(period: str, first: date, last: date) -> tuple[date, date]:
    if period in _DAYS:
        return last - timedelta(days=_DAYS[period] - 1), last
    if period == "month":
        return last.replace(day=1), last
    if period == "last-month":
        end = last.replace(day=1) - timedelta(days=1)
        return end.replace(day=1), end
    return (last.replace(month=1, day=1), last) if period == "year" else (first, last)
