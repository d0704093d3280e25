"""Makes ``.tools/uv`` a link to a uv that works, with nothing but a bare ``python3``.

Run by the Makefile: ``python3 scripts/bootstrap_uv.py``. A uv of sufficient version on ``PATH`` is used as it is. Else
uv is fetched through whatever package index pip is configured with: by the machine's pip, by the pip of a fresh virtual
environment, or, for root on Debian, after installing pip with apt. Only the standard library is used, and running it
again costs nothing.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

MINIMUM = (0, 11)
"""The oldest uv that knows ``UV_SYSTEM_CERTS``, so that it trusts whom the machine trusts."""

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
LINK = TOOLS / "uv"

HELP = """\
uv is needed (https://docs.astral.sh/uv) and could not be installed with {python}.
Install pip (on Debian: apt-get install python3-pip) or uv itself, then run make again.
What was tried:
{tried}"""


def main() -> int:
    """Find or install uv and link it; or say what to do and return 1."""
    if is_sufficient(LINK):
        return 0
    for candidate in (shutil.which("uv"), TOOLS / "pip" / "bin" / "uv", TOOLS / "venv" / "bin" / "uv"):
        if candidate and is_sufficient(candidate):
            return link(candidate)
    tried: list[str] = []
    for way in (by_pip, by_virtual_environment, by_apt):
        uv, complaint = attempt(way)
        if uv:
            return link(uv)
        tried.append(f"  {(way.__doc__ or '').rstrip('.')}: {complaint}")
    print(HELP.format(python=sys.executable, tried="\n".join(tried)), file=sys.stderr)
    return 1


def link(uv: str | Path) -> int:
    """Point ``.tools/uv`` at this uv."""
    TOOLS.mkdir(exist_ok=True)
    LINK.unlink(missing_ok=True)
    LINK.symlink_to(Path(uv).absolute())
    return 0


def attempt(way: Callable[[], Path]) -> tuple[Path | None, str]:
    """The uv that one way has installed, or why it has not."""
    try:
        uv = way()
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        return None, last[0] if last else f"exit code {error.returncode}"
    except OSError as error:
        return None, str(error)
    return (uv, "") if is_sufficient(uv) else (None, f"{uv} does not run")


def by_pip() -> Path:
    """python3 -m pip install --target."""
    return pip_install([sys.executable])


def by_virtual_environment() -> Path:
    """python3 -m venv and its pip."""
    run([sys.executable, "-m", "venv", "--clear", str(TOOLS / "venv")])
    run([str(TOOLS / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--upgrade", wanted()])
    return TOOLS / "venv" / "bin" / "uv"


def by_apt() -> Path:
    """apt-get install python3-pip, as root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise OSError("needs root and apt-get")
    run(["apt-get", "update", "--quiet"])
    run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "python3-pip"])
    return pip_install(["/usr/bin/python3"])


def pip_install(python: Sequence[str]) -> Path:
    """Install uv into ``.tools``: a target folder is ours, so an externally managed Python does not mind."""
    run([*python, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(TOOLS / "pip"), wanted()])
    return TOOLS / "pip" / "bin" / "uv"


def wanted() -> str:
    """The requirement that pip is given.

    >>> wanted()
    'uv>=0.11'
    """
    return "uv>=" + ".".join(map(str, MINIMUM))


def run(command: Sequence[str]) -> None:
    """Run a command and name it on the terminal; its own output is kept for the complaint, should it fail."""
    print("+ " + " ".join(command), file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, check=True, text=True, capture_output=True, env=environment)


def is_sufficient(uv: str | Path) -> bool:
    """Whether this uv runs and is new enough; a version manager's shim without a uv behind it does not run."""
    try:
        answer = subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0 and version_in(answer.stdout) >= MINIMUM


def version_in(text: str) -> tuple[int, int]:
    """Major and minor version that ``uv --version`` names.

    >>> version_in("uv 0.13.8 (x86_64-unknown-linux-gnu)")
    (0, 13)
    >>> version_in("pyenv: uv: command not found")
    (0, 0)
    """
    found = re.search(r"uv (\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


if __name__ == "__main__":
    sys.exit(main())
