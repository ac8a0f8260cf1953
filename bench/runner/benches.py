"""The benches: each runs its programs and adds what they print to the figures."""
import json

from . import against_kernel, against_testpmd
from .programs import output_of


class Bench:
    """`interleaves`: its program takes turns with the baselines by itself, so one run is enough."""

    def __init__(self, run, interleaves=False):
        self.run = run
        self.interleaves = interleaves


def memory(build, figures, quick):
    names = {'memory_per_entry': 'memory-entry-16-outputs',
             'memory_per_membership': 'memory-membership'}
    for line in output_of(build, 'mgm_bench', 'memory').splitlines():
        name, value, unit = line.split()
        figures.add(names[name], value, unit)


def adding(build, figures, quick):
    report = json.loads(output_of(build, 'membership_bench', '--benchmark_format=json'))
    cost = {}
    for each in report['benchmarks']:
        _, what, memberships, *_ = each['name'].split('/')
        cost[what, int(memberships)] = each['cpu_time']
    for what, name in (('new_group', 'new-group'), ('known_group', 'known-group')):
        small, large = cost[what, 1_000], cost[what, 1_000_000]
        figures.add(f'adding-{name}-at-1000000', large, 'ns', 'at-1000', small)
        figures.add(f'adding-{name}-growth', large / small, 'ratio')


def handover(build, figures, quick):
    for line in output_of(build, 'mgm_bench', 'handover').splitlines():
        name, value, unit = line.split()
        figures.add(name.replace('_', '-'), value, unit)


def lookup(build, figures, quick):
    figures.take(output_of(build, 'lookup_bench', 5 if quick else 11))


def replication(build, figures, quick):
    figures.take(output_of(build, 'replication_bench', 5 if quick else 7))


def worker(build, figures, quick):
    figures.take(output_of(build, 'worker_bench', 5 if quick else 11))
    against_testpmd.worker(build, figures, rounds=5 if quick else 9)
    against_kernel.worker(build, figures, rounds=5 if quick else 9)


def latency(build, figures, quick):
    figures.take(output_of(build, 'latency_bench', 5 if quick else 9))


def delay(build, figures, quick):
    for groups in (10, 1_000) if quick else (10, 1_000, 10_000):
        for line in output_of(build, 'igmp_bench', 'delay', groups).splitlines():
            name, value, unit = line.split()
            what, share = name.split('_')
            figures.add(f'{what}-{groups}-groups-{share}', value, unit)


def live(build, figures, quick):
    names = {'join': 'live-join', 'leave': 'live-leave-beyond-last-member-time',
             'whole': 'live-leave-whole'}
    for groups in (10,) if quick else (10, 1_000, 10_000):
        for line in output_of(build, 'live_bench', groups).splitlines():
            name, value, unit = line.split()
            what, share = name.split('_')
            figures.add(f'{names[what]}-{groups}-groups-{share}', value, unit)


def routes(build, figures, quick):
    for part, prefix in (('lookup', 'routes'), ('flap', 'routes-flap')):
        for line in output_of(build, 'route_bench', part).splitlines():
            name, value, unit = line.split()
            figures.add(f'{prefix}-{name.replace("_", "-")}', value, unit)


def records(build, figures, quick):
    for part, prefix in (('records', 'records'), ('turn', 'records-turn')):
        for line in output_of(build, 'igmp_bench', part).splitlines():
            name, value, unit = line.split()
            figures.add(f'{prefix}-{name}'.replace('_', '-'), value, unit)


BENCHES = {'lookup': Bench(lookup, interleaves=True),
           'replication': Bench(replication, interleaves=True),
           'worker': Bench(worker, interleaves=True),
           'latency': Bench(latency, interleaves=True),
           'memory': Bench(memory), 'adding': Bench(adding), 'handover': Bench(handover),
           'delay': Bench(delay), 'live': Bench(live), 'records': Bench(records),
           'routes': Bench(routes)}
