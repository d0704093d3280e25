"""``touchline serve``: Granian's workers, and the river's process, over one home.

The main process takes no requests. It owns the home's lock, starts the workers (through Granian) and the river's
process, restarts either one if it dies, and ends both in order: first no connection is accepted any more and what
waits is committed, then the river runs a last time.
"""

import atexit
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from typing import Any

import structlog
from granian.constants import Interfaces

from touchline.errors import UsageError
from touchline.jobs import users
from touchline.jobs.moving import forget_move
from touchline.jobs.ownership import owning, sharing, socket_of
from touchline.jobs.workspace import Workspace, make_folder
from touchline.server.http.options import ServerOptions, shown
from touchline.server.http.rate_limits import limits_of
from touchline.server.http.request_context import sight_of
from touchline.server.process import announcing, first_link
from touchline.server.process.backing_up import backups_made, plan_from
from touchline.server.process.connections import granian_settings, raise_descriptors
from touchline.server.process.keeping import river_kept
from touchline.server.process.listener import HeldServer, bound_socket, passed_socket, url_of
from touchline.server.process.service_manager import say
from touchline.server.process.watchdog import watchdog_seconds, watched, what_stands_still
from touchline.server.watch import logs
from touchline.server.watch.loop_turns import LoopTurns
from touchline.settings import Home, environment

log = structlog.get_logger("touchline.server")


def serve(home: Home, options: ServerOptions) -> None:
    """Serve the home until a signal ends it (SIGTERM, SIGINT); what was acknowledged by then is committed.

    :raises BusyError: if another server owns the home, or another program the port.
    :raises HomeError: if there is no Touchline in the home.
    :raises UsageError: if an option makes no sense.
    """
    _check(home, options)
    logs.configure()
    passed = passed_socket(environment())
    url = url_of(*passed.getsockname()[:2]) if passed else url_of(options.host, options.port)
    _prepare(home, options, url)
    with ExitStack() as held:
        is_shared = bool(home.database_url and home.engine_url)
        if is_shared:  # everything is on servers: nothing of the home needs an owner
            name = f"serve-{os.getpid()}-{secrets.token_hex(4)}"  # containers count their processes each from 1
            held.enter_context(sharing(home, name, url, shown(options)))
            socket_file = socket_of(home, f"{name}.sock")
        else:
            held.enter_context(owning(home, url, shown(options)))
            socket_file = socket_of(home)
        listener = held.enter_context(passed or bound_socket(options))
        multiprocessing.set_start_method("spawn", force=True)  # a fork would take the lock along, and other threads'
        counts_folder = held.enter_context(_counts_kept(socket_file)) if options.workers > 1 else None
        held.enter_context(river_kept(home, socket_file, options, river))
        held.enter_context(backups_made(home, options))
        log.info("starting", home=str(home.path), workers=options.workers)
        _serve(listener, home, options, socket_file, counts_folder, url)
    log.info("stopped")


@contextmanager
def _counts_kept(socket_file: Path) -> Iterator[Path]:
    """The folder of this server's counts, empty at first; what a killed server left is nobody's."""
    folder = socket_file.with_suffix(".counts")
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(
    listener: socket.socket, home: Home, options: ServerOptions, socket_file: Path, counts_folder: Path | None, url: str
) -> None:
    is_started, is_ready = multiprocessing.Semaphore(0), threading.Event()
    turns = LoopTurns(options.workers) if watchdog_seconds(environment()) else None
    server = HeldServer(
        listener, "touchline", interface=Interfaces.RSGI, workers=options.workers, websockets=False,
        respawn_failed_workers=True, workers_kill_timeout=options.stop_seconds, log_dictconfig=logs.of_granian(),
        process_name=None, **granian_settings(raise_descriptors()),
    )  # fmt: skip
    server.on_startup(partial(announcing.announce, is_started, options, url, is_ready.set))
    loader = partial(worker, home, options, socket_file, counts_folder, is_started, turns)
    with watched(environment(), is_ready, partial(what_stands_still, socket_file, turns)):
        server.serve(target_loader=loader, wrap_loader=False)
    say(environment(), STOPPING=1, STATUS="The river runs a last time.")


def worker(
    home: Home, options: ServerOptions, socket_file: Path, counts_folder: Path | None, is_started: Semaphore,
    turns: LoopTurns | None,
) -> Any:  # fmt: skip
    """A worker's application, made in its process.

    :param is_started: released when the application takes requests.
    :param turns: where its event loop says that it turns, if systemd watches the server.
    """
    from touchline.server.whole import create_whole  # noqa: PLC0415 - the main process takes no requests

    logs.configure()
    _end_with_the_parent()
    application = create_whole(home, options, socket_file, counts_folder)
    application.on_started = is_started.release
    application.on_turn = turns.note if turns else None
    # By then everything is committed. Threads of Granian's may still hold objects, and would abort the process, with
    # lines in the log that are no JSON, if they let go of them in an interpreter that ends.
    atexit.register(os._exit, 0)
    return application


def river(home: Home, socket_file: Path, keeper: Connection, restarts: int) -> None:
    """What the river's process does."""
    from touchline.server.process.local_api import keep_river  # noqa: PLC0415 - nor does it turn the river

    keep_river(home, socket_file, keeper, restarts)


def _end_with_the_parent() -> None:
    """A worker whose main process was killed would go on without a river, and without the home's lock."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _check(home: Home, options: ServerOptions) -> None:
    if not 1 <= options.port < 65_536:
        raise UsageError(f"A port is a number from 1 to 65535, not {options.port}.")
    if not 1 <= options.workers <= 64:
        raise UsageError(f"The number of workers must be from 1 to 64, not {options.workers}.")
    if options.workers > 1 and not home.database_url:
        raise UsageError(
            "Several workers need the ledger in PostgreSQL: SQLite lets one process write at a time.",
            "Set DATABASE_URL, or leave --workers at 1.",
        )
    # A worker makes these for itself, and would die of what is wrong with them, again and again.
    limits_of(options)
    sight_of(home.path, options)
    plan_from(options)


def _prepare(home: Home, options: ServerOptions, url: str) -> None:
    """There is a ledger with this release's schema, and somebody who may log in."""
    with Workspace(home, is_owner=True) as workspace:
        make_folder(home.path)
        forget_move(home)
        if migration := workspace.ledger.migration:
            seconds = round(migration.seconds, 1)
            log.info("migrated", from_schema=migration.before, to_schema=migration.after, seconds=seconds)
        now = time.time_ns() // 1000
        if first_link.is_watched():
            first_link.show_link(workspace, options.public_url or url, now=now)
            return
        first = users.make_the_first(workspace, now=now)
    if first:
        log.info(
            "first_user", name=users.FIRST_NAME, password_is_in=str(first), next_step="touchline user password admin"
        )
