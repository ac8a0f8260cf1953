#!/usr/bin/python3
"""The null driver: what a turn of the worker costs. Its packets are no multicast, so they are
dropped; no claim of correctness rests on this, and the numbers are of this machine at this moment.
"""
import sys
import time

from daemon import Daemon
from lab import interface, port
from tap import Tap

CONFIG = '''
[memory]
hugepages = false
megabytes = 192
[workers]
cores = [1]
idle = "yield"
''' + port('a', 'net_null0,size=64') + interface('a', 'a', '10.1.0.1/24', '"static"')
SECONDS = 2.0


def worker(daemon):
    return daemon.json('show', 'workers')[0]


def main():
    tap = Tap()
    daemon = Daemon(CONFIG)
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
