"""Collecting events loads no more than it needs."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["touchline.ingest", "touchline.channels.classify"])
def test_the_hot_path_leaves_pydantic_out(module: str) -> None:
    """It parses URLs with the capture package, whose records need pydantic; its parsing does not."""
    names = "'attribution_campaign_context.parsing' in sys.modules, 'pydantic' in sys.modules"
    program = f"import sys, {module}; print({names})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["True", "False"]
