"""Where a referrer leads: the registrable domain of a site, or the package of an app."""

from touchline.domains import registrable_domain


def referrer_domain(referrer: str, host: str) -> str:
    """As :func:`registrable_domain`, but an app's referrer keeps its package name, which is no domain.

    >>> referrer_domain("android-app://com.google.android.gm/", "com.google.android.gm")
    'com.google.android.gm'
    """
    return host if _is_app(referrer) else registrable_domain(host)


def _is_app(referrer: str) -> bool:
    return referrer.lstrip()[:12].lower().startswith(("android-app:", "ios-app:"))
