"""A page for people who may read it and nothing else: what leads elsewhere, or sends something, is cut out."""

import re

_PARTS = re.compile(
    rb"<a class=\"skip\".*?</a>|(?:<p>Query:</p>)?<pre\b.*?</pre>|<header class=\"rail\">.*?</header>"
    rb"|<(form|nav)\b.*?</\1>|<(p|div) class=\"(?:files|same)\">.*?</\2>|<details class=\"card keep\">.*?</details>",
    re.DOTALL,
)
"""Elements that hold nothing for such readers, or what is for those who run the server; none stands in another of its
name."""
_LINKS = re.compile(rb"</?a\b[^>]*>")
"""Of a link, its text stays; what comes from outside has no such character in our pages."""


def unlinked(page: bytes) -> bytes:
    """The page without links, forms and navigation.

    >>> unlinked(b'<body class="framed"><nav>x</nav><p>See <a href="/x?a=1&amp;b=2">this</a>.</p>')
    b'<body class="framed alone"><p>See this.</p>'
    """
    without = _LINKS.sub(b"", _PARTS.sub(b"", page))
    return without.replace(b'<body class="framed">', b'<body class="framed alone">', 1)
