#!/usr/bin/python3
"""What idling costs, and, with the null driver, what a turn of the worker costs. Its packets are no multicast, so they are
dropped; no claim of correctness rests on this, and the numbers are of this machine at this moment.
"""
import os
import sys
import time

from daemon import Daemon
from lab import interface, port
from tap import Tap

BASE = '''
[memory]
hugepages = false
megabytes = 192
[workers]
cores = [1]
'''
INTERFACE = interface('a', 'a', '10.1.0.1/24', '"static"')
BUSY = BASE + 'idle = "yield"\n' + port('a', 'net_null0,size=64') + INTERFACE
SILENT = BASE + 'idle = "sleep"\n' + port('a', 'net_null0,no-rx=1') + INTERFACE
SECONDS = 2.0
IDLE_SHARE = 0.4  # a worker that spins takes a whole core


def worker(daemon):
    return daemon.json('show', 'workers')[0]


def cpu_seconds(process):
    with open(f'/proc/{process.pid}/stat', encoding='utf-8') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def idling(tap):
    daemon = Daemon(SILENT)
    try:
        with tap.case('an idle mcastd that may sleep leaves its cores alone'):
            daemon.wait_ready()
            time.sleep(0.5)
            before, start = cpu_seconds(daemon.process), time.monotonic()
            time.sleep(SECONDS)
            share = (cpu_seconds(daemon.process) - before) / (time.monotonic() - start)
            tap.note(f'{share * 100:.1f} % of a core, worker and control together')
            assert share < IDLE_SHARE, f'{share * 100:.0f} % of a core'
    finally:
        daemon.remove()


def main():
    tap = Tap()
    idling(tap)
    daemon = Daemon(BUSY)
    try:
        with tap.case('null driver: reports the cost of a packet'):
            daemon.wait_ready()
            before, start = worker(daemon), time.monotonic()
            time.sleep(SECONDS)
            after, took = worker(daemon), time.monotonic() - start
            packets = after['received'] - before['received']
            turns = after['turns'] - before['turns']
            assert packets > 0, 'the null driver gave no packets'
            tap.note(f'{packets / took / 1e6:.2f} million packets a second, '
                     f'{took / packets * 1e9:.0f} ns each with all that runs beside, '
                     f'{packets / max(turns, 1):.1f} packets a turn, '
                     f'{after["busy_percent"]} % busy')
        with tap.case('null driver: the books balance and the daemon ends with 0'):
            assert daemon.stop() == 0, daemon.log()
    finally:
        daemon.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
