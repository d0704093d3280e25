"""How much property tests try: ``ci`` (the default: few examples, the same each time) or ``thorough``.

Choose with ``pytest --hypothesis-profile=thorough``, or ``make test-all``.
"""

from hypothesis import settings

settings.register_profile("ci", derandomize=True, max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None)
settings.load_profile("ci")
