"""What the processes of a server take of the machine, as the kernel counts it: by their roles, not by their ids."""

import math
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

_COUNTERS = frozenset({"process_cpu_seconds"})
_TOGETHER = {"process_start_time_seconds": max, "process_max_fds": min}
"""How the numbers of several processes of one role become one: the newest start and the lowest limit; others add up."""
_MEANINGS = {
    "process_cpu_seconds": "Seconds of processors that the processes of a role have taken",
    "process_virtual_memory_bytes": "Virtual memory of the processes of a role",
    "process_resident_memory_bytes": "Resident memory of the processes of a role; shared pages count in each",
    "process_start_time_seconds": "When the newest process of a role was started",
    "process_open_fds": "Open file descriptors of the processes of a role",
    "process_max_fds": "The most file descriptors that a process of a role may open",
}


def process_metrics(roles: Mapping[str, Iterable[int]]) -> Iterator[Metric]:
    """The metrics ``process_*`` with the label ``process``; a process that has ended is left out.

    :param roles: by role, such as ``worker``, the ids of its processes.

    >>> import os
    >>> sorted(metric.name for metric in process_metrics({"worker": [os.getpid()], "river": []}))[:2]
    ['process_cpu_seconds', 'process_max_fds']
    """
    found: dict[str, dict[str, list[float]]] = {name: {} for name in _MEANINGS}
    for role, process_ids in roles.items():
        for process_id in process_ids:
            for name, number in _numbers_of(process_id):
                if name in found:
                    found[name].setdefault(role, []).append(number)
    for name, meaning in _MEANINGS.items():
        kind = CounterMetricFamily if name in _COUNTERS else GaugeMetricFamily
        family = kind(name, meaning, labels=["process"])
        for role, numbers in sorted(found[name].items()):
            family.add_metric([role], float(_TOGETHER.get(name, math.fsum)(numbers)))
        yield family


def _numbers_of(process_id: int) -> Iterator[tuple[str, float]]:
    for metric in ProcessCollector(pid=lambda: process_id, registry=None).collect():
        for sample in metric.samples:
            yield metric.name, sample.value
