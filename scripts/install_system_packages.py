"""See to it that the programs are there which the tests run beside Python; `make test` calls it.

A browser for the tracker, Redis for shared rate limits, strace for what is on the disk before an answer, wrk for load,
curl for what the documentation sends.
Where all are there it takes a few milliseconds. Where one is missing it is installed by apt, with what rights there
are; where that cannot be done it says which are missing and ends with 1: a test that is skipped shows nothing.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

PACKAGES = {"chromium": "chromium", "curl": "curl", "redis-server": "redis-server", "strace": "strace", "wrk": "wrk"}
"""Debian's package for each program."""
THOROUGH = {
    "promtool": "prometheus", "systemd-analyze": "systemd", "nginx": "nginx", "caddy": "caddy", "node": "nodejs",
    "npm": "npm", "java": "default-jre-headless",
}  # fmt: skip
"""Those that only `make test-all` needs, which gives `--thorough`: what reads alert rules and units, the proxies
whose settings are documented, what Lighthouse runs on, and Java 17 or later for Spark."""


def missing(wanted: Mapping[str, str]) -> list[str]:
    """The programs that are not there; some stand where only an administrator's shell looks."""
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin", "/usr/local/bin"])
    return [program for program in wanted if shutil.which(program, path=places) is None]


def install(packages: list[str]) -> str:
    """Install them; returns why it failed, and nothing if it did not."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get on this machine"
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if rights and shutil.which("sudo") is None:
        return "that needs the rights of an administrator"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages])
    for step in steps:
        done = subprocess.run([*rights, *step], env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            return f"`{' '.join(step)}` ended with {done.returncode}"
    return ""


def main(*, is_thorough: bool = False) -> int:
    """Install what is missing."""
    wanted = {**PACKAGES, **(THOROUGH if is_thorough else {})}
    programs = missing(wanted)
    if not programs:
        return 0
    why = install([wanted[program] for program in programs])
    still = missing(wanted)
    if still:
        sys.stderr.write(
            f"The tests need {', '.join(still)}, and {why or 'the packages did not bring them'}.\n"
            f"Install them: apt-get install -y {' '.join(wanted[program] for program in still)}\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(is_thorough="--thorough" in sys.argv[1:]))
