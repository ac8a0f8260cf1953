#!/usr/bin/python3
"""The traffic of scripts/pktgen from DPDK's testpmd, over shared memory: every packet is counted.

    testpmd txonly --- memif wan 10.1.0.1/24  router  lan1 10.2.0.1/24 memif --- testpmd rxonly
                                                      lan2 10.3.0.1/24 memif ---

No hugepages, no port of the kernel, no core that is not shared. Numbers of packets are bounded, and
what does not arrive must have a reason in the router's books. testpmd cannot pace what it sends, so
the sweep of rates is pktgen's and `mcastgen rfc3918`'s alone.
"""
import subprocess
import sys
import tempfile
import time

from daemon import Daemon, program, wait_for
from lab import BASE, interface, port
from tap import Tap, equal, skip_all
from testpmd import Testpmd, memif, why_not

GROUP, GROUP_MAC = '239.1.1.4', '01:00:5e:01:01:04'
SOURCE = '10.1.0.10'
BURST = 32  # testpmd's own
# Of the range: groups 0 to 7 are wanted on lan1, 4 to 11 on lan2, by all sources.
RANGE = [f'239.2.0.{number}' for number in range(12)]
ON_LAN1, ON_LAN2 = RANGE[:8], RANGE[4:]
SOURCES = [f'10.1.0.{number}' for number in range(20, 25)]
EACH = 10  # datagrams of a flow


def config(socket):
    text = BASE
    for number, name in enumerate(('wan', 'lan1', 'lan2')):
        text += port(name, f'net_memif{number},role=server,id={number},{memif(socket)}')
        text += interface(name, name, f'10.{number + 1}.0.1/24', '"static"')
    for lan, groups in (('lan1', [GROUP, *ON_LAN1]), ('lan2', [GROUP, *ON_LAN2])):
        text += ''.join(f'[[group]]\ngroup = "{group}"\ninterface = "{lan}"\n' for group in groups)
    return text


def scenario():
    text = '[[port]]\nname = "wan"\n'
    for source in SOURCES:
        for group in RANGE:
            text += (f'[[flow]]\nport = "wan"\nsource = "{source}"\ngroup = "{group}"\n'
                     f'count = {EACH}\n')
    return text


class Scene:
    """The router and its receivers; who sends comes and goes."""

    def __init__(self, folder):
        self.socket = f'{folder}/memif.sock'
        self.daemon = Daemon(config(self.socket))
        self.receiver = None
        try:
            self.daemon.wait_ready()
            self.receiver = Testpmd('rx', [self.client(1), self.client(2, 1)],
                                    '--forward-mode=rxonly')
            self.receiver.ask('start', r'packet forwarding')
            for place in range(2):
                self.receiver.wait_link(place)
        except BaseException:
            self.remove()
            raise

    def client(self, number, device=0):
        """The other end of the router's port."""
        return f'net_memif{device},role=client,id={number},{memif(self.socket)}'

    def books(self):
        """Settled: the same twice."""
        def settled():
            first = self.daemon.accounting()
            time.sleep(0.1)
            return first if first == self.daemon.accounting() else None
        return wait_for(settled, 'the books come to rest')

    def wait_received(self, before, wanted):
        """How many more each receiver got than `before`; waits for as many as are wanted."""
        def more():
            return [now - then for now, then in zip(self.receiver.received(), before)]
        wait_for(lambda: sum(more()) >= sum(wanted), f'{wanted} packets are received', 5.0)
        time.sleep(0.1)  # one too many would come now
        equal(more(), wanted, 'received')

    def remove(self):
        if self.receiver is not None:
            self.receiver.remove()
        self.daemon.remove()


def sizes(tap, scene):
    sender = Testpmd('tx', [scene.client(0)], '--forward-mode=rxonly',
                     f'--eth-peer=0,{GROUP_MAC}', f'--tx-ip={SOURCE},{GROUP}')
    try:
        sender.wait_link()
        for size in (60, 124, 508, 1020, 1514):  # without FCS
            with tap.case(f'single group, {size + 4} bytes: both receivers get every packet'):
                sender.ask(f'set txpkts {size}', r'')
                before, bytes_before = scene.receiver.received(), scene.receiver.stats()
                sent = sender.send_bursts(16)
                equal(sent, 16 * BURST, 'testpmd sent')
                scene.wait_received(before, [sent, sent])
                for (_, old, _), (_, new, _) in zip(bytes_before, scene.receiver.stats()):
                    equal(new - old, sent * size, 'bytes received')
        overload(tap, scene, sender)
    finally:
        sender.remove()


def overload(tap, scene, sender):
    with tap.case('as fast as it can: what is not received has been counted on the way'):
        sender.ask('set txpkts 60', r'')
        sender.ask('set fwd txonly', r'Set txonly packet forwarding mode')
        old, before, sent = scene.books(), scene.receiver.received(), sender.sent()
        sender.ask('start', r'packet forwarding')
        time.sleep(0.3)
        sender.ask('stop', r'Done\.')
        sent, new = sender.sent() - sent, scene.books()
        grown = {key: new[key] - old[key] for key in ('forwarded', 'dropped', 'copies',
                                                      'frames_sent', 'copy_drops')}
        assert sent > 1000, sent
        equal(grown['forwarded'] + grown['dropped'], sent, f'{grown}')
        equal(grown['copies'], 2 * grown['forwarded'], f'{grown}')
        equal(grown['frames_sent'] + grown['copy_drops'], grown['copies'], f'{grown}')
        more = [now - then for now, then in zip(scene.receiver.received(), before)]
        equal(sum(more), grown['frames_sent'], f'received {more} of {grown}')
        tap.note(f'{sent} sent in 0.3 s, {more} received, {grown}')


def ranges(tap, scene, mcastgen, folder):
    with open(f'{folder}/range.toml', 'w', encoding='utf-8') as file:
        file.write(scenario())
    subprocess.run([mcastgen, 'pcap', f'{folder}/range.toml', '-o', f'{folder}/range.pcap'],
                   check=True, stdout=subprocess.DEVNULL)
    sender = Testpmd('range', [f'net_pcap0,rx_pcap={folder}/range.pcap', scene.client(0)],
                     '--forward-mode=io', '--no-flush-rx')  # or "start" throws the capture away
    try:
        sender.wait_link(1)
        with tap.case(f'{len(SOURCES)} sources to {len(RANGE)} groups, each where it is wanted'):
            before = scene.receiver.received()
            sender.ask('start', r'packet forwarding')
            flows = len(SOURCES) * EACH
            scene.wait_received(before, [flows * len(ON_LAN1), flows * len(ON_LAN2)])
            equal(sender.sent(1), flows * len(RANGE), 'testpmd sent')
        with tap.case('the router has an entry for each of them'):
            entries = {(row['source'], row['group']) for row in
                       scene.daemon.json('show', 'entries')}
            missing = [(source, group) for source in SOURCES for group in RANGE
                       if (source, group) not in entries]
            equal(missing, [], 'no entry')
    finally:
        sender.remove()


def multi_flow(tap, scene):
    sender = Testpmd('multi', [scene.client(0)], '--forward-mode=rxonly', '--txonly-multi-flow',
                     f'--eth-peer=0,{GROUP_MAC}', f'--tx-ip={SOURCE},{GROUP}')
    try:
        sender.wait_link()
        with tap.case("testpmd's own flows have groups as sources: refused by name, every one"):
            old, before = scene.books(), scene.receiver.received()
            reasons = drops(scene.daemon)
            sent = sender.send_bursts(8)
            equal(sent, 8 * BURST, 'testpmd sent')
            wait_for(lambda: scene.books()['dropped'] - old['dropped'] == sent, 'all are dropped')
            grown = {reason: count - reasons.get(reason, 0)
                     for reason, count in drops(scene.daemon).items()}
            equal(grown.get('martian_source'), sent, str(grown))
            equal(scene.receiver.received(), before, 'received')
    finally:
        sender.remove()


def drops(daemon):
    return {row['reason']: row['packets'] for row in daemon.json('show', 'drops')['rows']
            if row['interface'] == 'wan'}


def main():
    mcastgen = program('mcastgen')
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-testpmd-') as folder:
        reason = why_not(folder)
        if reason:
            skip_all(reason)
        scene = Scene(folder)
        try:
            sizes(tap, scene)
            ranges(tap, scene, mcastgen, folder)
            multi_flow(tap, scene)
            with tap.case('the books balance, no buffer is lost and SIGTERM ends with 0'):
                books = scene.books()
                equal((books['difference'], books['copy_difference']), (0, 0), str(books))
                equal(scene.daemon.json('show', 'status')['mbuf_balance'], 0, 'mbuf balance')
                equal(scene.daemon.stop(), 0, 'exit code')
        finally:
            scene.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
