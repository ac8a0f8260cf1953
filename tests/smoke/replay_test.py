#!/usr/bin/python3
"""The pcap driver: captures in, captures out, compared byte by byte with text that can be reviewed.

tests/data/replay/input.txt goes in, by virtual time; tests/data/replay/expected.txt must come out,
in every one of three runs. `--rewrite` writes the expectation anew, for review in the diff.
"""
import os
import sys
import tempfile

from daemon import Daemon
from frametext import describe, hex_of, parse
from hosts import read_pcap, write_pcap
from judge import complaints
from tap import Tap, equal

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'replay')
PORTS = ('wan', 'tv', 'office')
RUNS = 3


def write_inputs(folder):
    rows = parse(f'{DATA}/input.txt', timed=True)
    for port in PORTS:
        write_pcap(f'{folder}/{port}.in.pcap',
                   [(1e9 + at / 1000, frame) for at, where, frame in rows if where == port])
    return len(rows)


def replay(folder):
    """One run: frames by port, the books, and the exit code."""
    with open(f'{DATA}/router.toml', encoding='utf-8') as file:
        config = file.read().replace('@', folder)
    daemon = Daemon(config, arguments=['--replay'])
    try:
        daemon.wait_ready(60)
        books = daemon.accounting()
        code = daemon.stop()
    finally:
        daemon.remove()
    frames = {port: [frame for _, frame in read_pcap(f'{folder}/{port}.out.pcap')]
              for port in PORTS}
    return frames, books, code


def rewrite(frames):
    with open(f'{DATA}/expected.txt', 'w', encoding='utf-8') as file:
        file.write('# What comes out of each port, in order. Written by replay_test.py --rewrite,\n'
                   '# reviewed by people.\n')
        for port in PORTS:
            for frame in frames[port]:
                file.write(f'\n# {describe(frame)}\n{port} {hex_of(frame)}\n')


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-replay-') as folder:
        count = write_inputs(folder)
        first = None
        for run in range(1, RUNS + 1):
            with tap.case(f'run {run} gives the expected frames'):
                frames, books, code = replay(folder)
                if run == 1 and '--rewrite' in sys.argv:
                    rewrite(frames)
                first = first or frames
                equal(code, 0, 'exit code')
                expected = parse(f'{DATA}/expected.txt', timed=False)
                for port in PORTS:
                    wanted = [frame for _, where, frame in expected if where == port]
                    equal([one.hex() for one in frames[port]], [one.hex() for one in wanted], port)
                equal(books['received'], count, 'received')
                equal((books['difference'], books['copy_difference']), (0, 0), 'differences')
        with tap.case('tshark finds nothing wrong with what came out'):
            assert first, 'nothing came out'
            equal(complaints([(1e9, frame) for port in PORTS for frame in first[port]]), [],
                  'complaints')
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
