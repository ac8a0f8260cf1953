#!/usr/bin/python3
"""One port, two receive queues, two workers: both work, and together they keep the port's limits."""
import subprocess
import sys
import tempfile
import time

from daemon import Daemon, program, wait_for
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Tap, equal

FLOWS = 3000        # each a source of its own, one datagram, one millisecond after the other
LIMIT = 400         # unknown flows that the port may punt, a second
BURST = LIMIT // 4  # of the port: what its workers may let pass at once


def scenario():
    text = '[[port]]\nname = "a"\n'
    for number in range(FLOWS):
        text += (f'[[flow]]\nport = "a"\nsource = "10.1.{1 + number // 250}.{1 + number % 250}"\n'
                 f'group = "239.1.1.1"\nstart = "{number}ms"\n')
    return text


def main():
    need_namespaces()
    mcastgen = program('mcastgen')
    tap = Tap()
    router, source = Namespace('router'), Namespace('src')
    daemon = None
    try:
        veth(router, 'wan', source, 'eth0')
        config = BASE.replace('cores = [1]', 'cores = [0, 1]')
        config += port('wan', 'net_af_packet0,iface=wan,qpairs=2,framecnt=2048') + 'queues = 2\n'
        config += interface('wan', 'wan', '10.1.0.1/16', '"static"')
        config += f'[limits.punt]\nmiss = {LIMIT}\n'
        daemon = Daemon(config, router)
        daemon.wait_ready()
        with tempfile.NamedTemporaryFile('w', suffix='.toml') as file:
            file.write(scenario())
            file.flush()
            start = time.monotonic()
            subprocess.run(['ip', 'netns', 'exec', source.name, mcastgen, 'send', file.name, '-i',
                            'eth0'], check=True, stdout=subprocess.DEVNULL, timeout=60)
        wait_for(lambda: daemon.accounting()['received'] >= FLOWS, 'all has arrived')
        took = time.monotonic() - start
        with tap.case('both workers receive what the port spreads over its queues'):
            received = [row['received'] for row in daemon.json('show', 'workers')]
            tap.note(f'{received} packets by worker')
            assert min(received) > FLOWS // 10, received
        with tap.case('two workers together punt no more than the port may'):
            punted = sum(row['punted'] for row in daemon.json('show', 'workers'))
            most = BURST + LIMIT * took
            tap.note(f'{punted} of {FLOWS} unknown flows in {took:.1f} s went up, '
                     f'{most:.0f} may, by worker')
            assert punted <= most, punted
            assert punted >= LIMIT, punted  # and not much less than it may
            policed = sum(row['packets'] for row in daemon.json('show', 'drops')['rows']
                          if row['reason'] == 'miss_policed')
            equal(policed, FLOWS - punted, 'the others are counted as policed')
        with tap.case('each worker tells its node and the rings of its queues'):
            for number, row in enumerate(daemon.json('show', 'workers')):
                assert row['numa_node'] is not None, row
                equal(row['warnings'], [], 'warnings')
                equal([(ring['port'], ring['queue'], ring['used'])
                       for ring in row['receive_rings']], [('wan', number, None)],
                      'what the driver of AF_PACKET does not tell is unknown')
                assert row['receive_rings'][0]['descriptors'] > 0, row
            assert 'unknown' in daemon.ctl('show', 'workers').stdout
            equal(daemon.json('show', 'ports')[0]['numa_node'], None, 'a virtual port is nowhere')
        with tap.case('every packet is accounted for'):
            equal(daemon.accounting()['difference'], 0, 'difference')
    finally:
        if daemon is not None:
            daemon.remove()
        router.remove()
        source.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
