"""What several tests of channels read."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def guide() -> str:
    """The page on writing channel rules."""
    page = Path(__file__).parents[2] / "docs" / "howto" / "add-a-channel-rule.md"
    return page.read_text(encoding="utf-8")
