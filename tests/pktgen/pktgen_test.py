#!/usr/bin/python3
"""scripts/pktgen: what it refuses, and its scenarios against a stub of Pktgen's Lua interface."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'smoke'))
from tap import Skip, Tap, equal  # noqa: E402

SCRIPTS = HERE.parents[1] / 'scripts' / 'pktgen'
PORTS = ['--port', 'net_af_packet0,iface=eth1', '--port', 'net_tap0', '--port', '0000:01:00.0',
         '--cores', '0-3']


class Bench:
    """A PATH with the programs that are given, and `pktgen` among them if wanted."""

    def __init__(self, folder, stubbed):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        for name in ('python3', 'env', 'script', 'sh', 'bash', 'lua5.4', 'cat'):
            if shutil.which(name):
                (self.folder / name).symlink_to(shutil.which(name))
        if stubbed:
            stub = self.folder / 'pktgen'
            stub.write_text('#!/bin/sh\n[ -t 1 ] || { echo "no terminal"; exit 1; }\n'
                            f'echo "$@" > {self.folder}/words\n'
                            'while [ "$1" != -f ]; do shift; done\n'
                            f'exec lua5.4 {HERE}/stub.lua "$2"\n')
            stub.chmod(0o755)

    def run(self, *words, **stub):
        told = {f'STUB_{name.upper()}': str(value) for name, value in stub.items()}
        told |= {'PATH': str(self.folder), 'STUB_SENT': f'{self.folder}/sent'}
        return subprocess.run([sys.executable, str(SCRIPTS / 'run'), *words], text=True,
                              capture_output=True, timeout=60, env=told)

    def rows(self, *words, code=0, **stub):
        done = self.run(*words, *PORTS, '-o', 'json', **stub)
        equal(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)['rows']

    def told(self):
        return (self.folder / 'sent').read_text().splitlines()


def refusals(tap, folder):
    bare = Bench(folder, stubbed=False)
    rows = [
        ('without a scenario', [], 64, 'scenario'),
        ('an unknown scenario', ['sing', *PORTS], 64, 'sing'),
        ('one port', ['single', '--port', 'net_tap0'], 64, 'one for each receiver'),
        ('net_memif', ['single', '--port', 'net_memif0', '--port', 'net_tap0'], 64, 'MTU'),
        ('no group', ['single', *PORTS, '--group', '10.0.0.1'], 64, 'no groups'),
        ('groups beyond the last',
         ['range', *PORTS, '--group', '239.255.255.255', '--groups', '2'], 64, 'no groups'),
        ('a short frame', ['sizes', *PORTS, '--sizes', '63'], 64, '64 to 1518'),
        ('a rate above the line', ['single', *PORTS, '--rate', '101'], 64, 'percent'),
        ('a resolution of nothing', ['rates', *PORTS, '--resolution', '0'], 64, 'above 0'),
        ('too few cores', ['single', *PORTS, '--cores', '0-2'], 64, '4 cores'),
        ('no pktgen on the PATH', ['single', *PORTS], 69, 'pktgen is not on the PATH; build'),
        ('--help', ['--help'], 0, 'Exit codes'),
    ]
    for name, words, code, said in rows:
        with tap.case(f'pktgen/run, {name}: exit {code}'):
            done = bare.run(*words)
            equal(done.returncode, code, done.stdout + done.stderr)
            assert said in done.stdout + done.stderr, done.stdout + done.stderr


def need_lua():
    if shutil.which('lua5.4') is None:
        raise Skip('lua5.4 is not installed')


def syntax(tap):
    for path in sorted([*SCRIPTS.glob('*.lua'), HERE / 'stub.lua']):
        with tap.case(f'{path.name} is Lua'):
            if shutil.which('luac5.4') is None:
                raise Skip('luac5.4 is not installed (package lua5.4)')
            subprocess.run(['luac5.4', '-p', str(path)], check=True)


def scenarios(tap, folder):
    with tap.case('single: what is sent and what each port received'):
        need_lua()
        bench = Bench(folder, stubbed=True)
        rows = bench.rows('single', '--count', '1000', '--group', '239.129.2.3')
        equal(rows, [{'size': 64, 'rate': 100.0, 'sent': 1000, 'received': '1000/1000', 'lost': 0,
                      'lost_percent': 0.0, 'complete': True}], 'rows')
        told = bench.told()
        for line in ('set_mac 0 dst 0100:5e01:0203', 'set_ipaddr 0 dst 239.129.2.3',
                     'set_ipaddr 0 src 10.1.0.10/24', 'set_range 0 off', 'set 0 count 1000'):
            assert line in told, told
        words = (bench.folder / 'words').read_text()
        for word in ('--vdev=net_af_packet0,iface=eth1', '-a 0000:01:00.0', '--no-huge',
                     '-m [1:1].0,[2:2].1,[3:3].2'):
            assert word in words, words
    with tap.case('single: loss is told and exit 1'):
        need_lua()
        rows = Bench(folder, stubbed=True).rows('single', '--count', '1000', code=1, capacity=75)
        equal((rows[0]['received'], rows[0]['lost'], rows[0]['lost_percent']),
              ('750/750', 500, 25.0), str(rows))
    with tap.case('range: sources and groups, with the MACs of the groups'):
        need_lua()
        bench = Bench(folder, stubbed=True)
        bench.rows('range', '--groups', '300', '--sources', '7', '--count', '10', '--size', '512')
        told = bench.told()
        for line in ('range.dst_ip 0 max 239.1.2.44', 'range.dst_mac 0 max 0100:5e01:022c',
                     'range.dst_mac 0 inc 0000:0000:0001', 'range.src_ip 0 max 10.1.0.16',
                     'range.pkt_size 0 start 512', 'set_range 0 on'):
            assert line in told, told
    with tap.case('sizes: a row for each'):
        need_lua()
        rows = Bench(folder, stubbed=True).rows('sizes', '--sizes', '64,1518', '--rate', '10')
        equal([(row['size'], row['lost']) for row in rows], [(64, 0), (1518, 0)], 'rows')
    with tap.case('rates: the highest without loss, within the resolution'):
        need_lua()
        rows = Bench(folder, stubbed=True).rows('rates', '--sizes', '64,512', '--resolution', '0.5',
                                                capacity=37)
        found = [row for row in rows if 'throughput' in row]
        equal([row['size'] for row in found], [64, 512], 'sizes')
        for row in found:
            assert 36.5 <= row['throughput'] <= 37, row
    with tap.case('rates: nothing passes, exit 1'):
        need_lua()
        rows = Bench(folder, stubbed=True).rows('rates', '--sizes', '64', code=1, capacity=0.5)
        equal(rows[-1], {'size': 64, 'throughput': 0}, 'rows')


def failures(tap, folder):
    with tap.case('a port that does not send ends the trial, incomplete'):
        need_lua()
        rows = Bench(folder, stubbed=True).rows('single', '--patience', '1', code=1, stuck=1)
        equal((rows[0]['sent'], rows[0]['complete']), (0, False), str(rows))
    with tap.case('a Pktgen that dies is told, with its last words'):
        bench = Bench(folder, stubbed=True)
        (bench.folder / 'pktgen').write_text('#!/bin/sh\necho "no MTU operation"\nexit 1\n')
        done = bench.run('single', *PORTS)
        equal(done.returncode, 70, done.stderr)
        assert 'no MTU operation' in done.stderr, done.stderr


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-pktgen-') as folder:
        refusals(tap, folder)
        syntax(tap)
        scenarios(tap, folder)
        failures(tap, folder)
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
