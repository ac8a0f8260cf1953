#!/usr/bin/python3
"""mcastgen rfc3918 against a running mcastd: a short form of every test, on kernel interfaces.

    tester  in   --- wan  10.1.0.1/24  router  lan1 10.2.0.1/24 --- out1  tester
                                               lan2 10.3.0.1/24 --- out2  tester

The machine is shared and the trials are short, so no figure is judged: that each test has its rows
and fields, that what is offered, forwarded and lost adds up, and that the router's own books agree.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from daemon import Daemon, program
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Skip, Tap, equal
from testpmd import memif, why_not

MEASURE = '''[rfc3918]
frame-sizes = [64, 1518]
trial = "300ms"
warm-up = "200ms"
settle = "200ms"
drain = "200ms"
min-rate = 100
max-rate = 800
resolution = 50.0
load = 400
groups = 3
group-counts = [1, 4]
unicast = "reported"
join-rate = 200
leave-time = "1s"
delay-timeout = "4s"
capacity-first = 4
capacity-most = 8
'''
PORTS = '''[ingress]
interface = "in"
address = "10.1.0.10"
router = "10.1.0.1"
[[egress]]
interface = "out1"
address = "10.2.0.10"
[[egress]]
interface = "out2"
address = "10.3.0.10"
'''
# Test -> rows of the short form, and fields that RFC 3918 wants reported.
WANTED = {
    'mixed-class-throughput': (2, ['frame_size', 'unicast_percent', 'rate', 'limited_by',
                                   'trials']),
    'scaled-group-forwarding': (4, ['groups', 'frame_size', 'intended', 'offered',
                                    'forwarded_per_port', 'lost']),
    'aggregated-throughput': (4, ['egress', 'frame_size', 'rate', 'copies_per_second', 'l1_mbit',
                                  'limited_by']),
    'latency': (4, ['frame_size', 'egress', 'rate', 'min_us', 'mean_us', 'p99_us', 'max_us']),
    'min-max-latency': (2, ['frame_size', 'min_us', 'max_us', 'difference_us', 'spread_mean_us',
                            'spread_max_us']),
    'join-delay': (4, ['groups', 'state', 'resolution_us', 'early', 'not_joined', 'mean_us']),
    'leave-delay': (2, ['groups', 'resolution_us', 'not_left', 'specific_queries',
                        'last_member_response_us', 'mean_us']),
    'group-capacity': (2, ['frame_size', 'capacity', 'failed_at', 'rate', 'join_rate',
                           'limited_by']),
    'burdened-latency': (4, ['unicast_percent', 'unicast_offered', 'rate', 'mean_us']),
    'burdened-join-delay': (4, ['unicast_percent', 'groups', 'state', 'mean_us']),
}
# What a machine that was busy elsewhere may have spoilt.
BUSY = re.compile('generator|nothing passes|frames were lost|came through whole|did not come')


def router_config(device):
    config = BASE
    for number, name in enumerate(('wan', 'lan1', 'lan2')):
        config += port(name, device(number, name))
        config += interface(name, name, f'10.{number + 1}.0.1/24',
                            '"static"' if name == 'wan' else '"igmp"')
    return config


def refusals(tap, mcastgen, folder):
    path = f'{folder}/bad.toml'
    rows = [
        ('without a plan', '', [], 64, 'plan is required'),
        ('--help', '', ['--help'], 0, 'RFC 3918'),
        ('no such plan', '', ['/nonexistent'], 65, 'cannot be read'),
        ('a test of tunnels', '[rfc3918]\ntests = ["encapsulation"]\n' + PORTS, [path], 65,
         '2:9: there is no test "encapsulation"'),
        ('no such interface', PORTS.replace('"in"', '"mc-none"'), [path], 69, 'mc-none'),
        ('no such driver', PORTS.replace('interface = "', 'device = "net_none0,'), [path], 69,
         'net_none0'),
        ('EAL arguments without a device', PORTS, [path, '--', '--no-pci'], 64, 'no device'),
        ('a report in no folder', PORTS, [path, '--report', '/nonexistent/report'], 73,
         '/nonexistent/report'),
    ]
    for name, plan, arguments, code, words in rows:
        with tap.case(f'mcastgen rfc3918 {name}: exit {code}'):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(plan)
            done = subprocess.run([mcastgen, 'rfc3918', *arguments], capture_output=True, text=True,
                                  timeout=60)
            equal(done.returncode, code, done.stdout + done.stderr)
            assert words in done.stdout + done.stderr, done.stdout + done.stderr


def check_test(test):
    rows, fields = WANTED[test['test']]
    equal(len(test['rows']), rows, f'rows of {test["test"]}')
    for row in test['rows']:
        missing = [field for field in fields if field not in row]
        equal(missing, [], f'{test["test"]} {row}')
    assert test['measured'] or BUSY.search(test['why']), test['why']
    assert test['chart']['series'], test['chart']


def check_books(report):
    tests = {test['test']: test for test in report['tests']}
    for row in tests['mixed-class-throughput']['rows']:
        if row['rate']:
            equal(2 * row['multicast_offered'], row['multicast_copies'] + row['lost']
                  - row['unicast_offered'] + row['unicast_forwarded'], str(row))
            equal(row['unicast_forwarded'], 0, 'a router of multicast alone')
    for row in tests['latency']['rows']:
        equal(row['count'] + row['lost'], 120, str(row))  # 400 a second for 300 ms
        assert 0 < row['min_us'] <= row['mean_us'] <= row['max_us'], row
    for row in tests['aggregated-throughput']['rows']:
        equal(row['copies_per_second'], row['rate'] * row['egress'], str(row))
        assert 100 <= row['rate'] <= 800 or row['limited_by'] in ('generator', 'loss'), row
    for name in ('join-delay', 'burdened-join-delay'):
        for row in tests[name]['rows']:
            equal(row['early'], 0, f'{name} {row}')
            equal(row['count'] + row['not_joined'], row['groups'], f'{name} {row}')
    for row in tests['leave-delay']['rows']:
        equal(row['count'] + row['not_left'], row['groups'], str(row))
        assert row['specific_queries'] > 0, row
        equal(row['last_member_response_us'], 200_000, str(row))  # lab.IGMP says so


def measure(tap, mcastgen, folder):
    spaces, daemon = [], None
    try:
        tester, router = spaces = [Namespace('tester'), Namespace('router')]
        for router_if, host_if in (('wan', 'in'), ('lan1', 'out1'), ('lan2', 'out2')):
            veth(router, router_if, tester, host_if, mtu=1600)
        daemon = Daemon(router_config(
            lambda number, name: f'net_af_packet{number},iface={name},framecnt=4096'), router)
        daemon.wait_ready()
        with open(f'{folder}/plan.toml', 'w', encoding='utf-8') as file:
            file.write(MEASURE + PORTS)
        with tap.case('every test of RFC 3918 runs, and what it could not measure has a reason'):
            done = subprocess.run(
                ['ip', 'netns', 'exec', tester.name, mcastgen, 'rfc3918', f'{folder}/plan.toml',
                 '--report', f'{folder}/report.json'], capture_output=True, text=True, timeout=150)
            with open(f'{folder}/report.json', encoding='utf-8') as file:
                report = json.load(file)
            equal(done.returncode, 0 if report['complete'] else 1, done.stderr)
            equal([test['test'] for test in report['tests']], list(WANTED), 'tests')
            equal(report['trouble'], '', done.stderr)
        if not report['complete']:
            tap.note(done.stderr)
        for test in report['tests']:
            with tap.case(f'{test["test"]} has its rows, fields and chart'):
                check_test(test)
                assert f'{test["title"]} ({test["term"]}' in done.stdout, done.stdout
        with tap.case('what is offered, forwarded and lost adds up in the report'):
            check_books(report)
        with tap.case('the router counted as much, and its books balance'):
            books = daemon.accounting()
            assert books['forwarded'] > 1000, books
            equal((books['difference'], books['copy_difference']), (0, 0), str(books))
        return report
    finally:
        if daemon is not None:
            daemon.remove()
        for space in spaces:
            space.remove()


def over_memory(tap, mcastgen, folder):
    """DPDK ports: shared memory, so that no port of the kernel is between."""
    socket, daemon = f'{folder}/memif.sock', None
    with tap.case('over net_memif: the search, with devices in the plan'):
        reason = why_not(folder)  # testpmd finds out whether the driver is there
        if reason:
            raise Skip(reason)
        try:
            daemon = Daemon(router_config(lambda number, _: f'net_memif{number},role=server,'
                                          f'id={number},{memif(socket)}'))
            daemon.wait_ready()
            ports = PORTS
            for number, name in enumerate(('in', 'out1', 'out2')):
                ports = ports.replace(f'interface = "{name}"', f'device = "net_memif{number},'
                                      f'role=client,id={number},{memif(socket)}"')
            with open(f'{folder}/memif.toml', 'w', encoding='utf-8') as file:
                file.write(MEASURE.replace('[rfc3918]', '[rfc3918]\n'
                                           'tests = ["aggregated-throughput"]') + ports)
            done = subprocess.run([mcastgen, 'rfc3918', f'{folder}/memif.toml', '-o', 'json'],
                                  capture_output=True, text=True, timeout=60)
            report = json.loads(done.stdout)
            equal(done.returncode, 0 if report['complete'] else 1, done.stderr)
            check_test(report['tests'][0])
            books = daemon.accounting()
            assert books['forwarded'] > 100, books
            equal((books['difference'], books['copy_difference']), (0, 0), str(books))
        finally:
            if daemon is not None:
                daemon.remove()


def plots(tap, folder):
    script = os.path.join(os.path.dirname(__file__), '..', '..', 'scripts', 'rfc3918-plots')
    with tap.case('scripts/rfc3918-plots draws a chart of each test'):
        done = subprocess.run([sys.executable, script, f'{folder}/report.json', f'{folder}/plots'],
                              capture_output=True, text=True, timeout=60)
        equal(done.returncode, 0, done.stderr)
        equal(sorted(os.listdir(f'{folder}/plots')), sorted(f'{name}.svg' for name in WANTED))
        with open(f'{folder}/plots/latency.svg', encoding='utf-8') as file:
            text = file.read()
        for words in ('Multicast latency', 'frame size', 'egress 2', '<polyline'):
            assert words in text, text
    for name, arguments, code in (('without arguments', [], 64), ('no report', ['/nonexistent',
                                                                                folder], 65)):
        with tap.case(f'scripts/rfc3918-plots {name}: exit {code}'):
            done = subprocess.run([sys.executable, script, *arguments], capture_output=True,
                                  text=True, timeout=60)
            equal(done.returncode, code, done.stderr)


def main():
    need_namespaces()
    mcastgen = program('mcastgen')
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-rfc3918-') as folder:
        refusals(tap, mcastgen, folder)
        measure(tap, mcastgen, folder)
        over_memory(tap, mcastgen, folder)
        plots(tap, folder)
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
