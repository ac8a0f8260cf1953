#!/usr/bin/python3
"""Forged IGMP of every kind through a real port, while a hundred streams are watched.

Usage: flood_test.py [--messages N] [--rate R] [--seed S]

    src --- wan 10.1.0.1/24  router  lan1 10.2.0.1/24 --- h1

Streams come in on wan and leave to the members on lan1, Linux sockets that keep answering queries.
The flood (mcastgen flood) comes in on lan1, from that same link: hosts, groups and sources that do
not exist, and forged leaves, lists and queries about the very groups that are watched. Messages of
DVMRP's type come in beside it, on both interfaces.

Shown: no datagram of the streams is lost in the data path (by sequence number); the members stay
members at every moment; the querier stays the querier; memory stays within its budget and is flat;
DVMRP's queue loses nothing; the books balance and no buffer is missing. What the kernel loses on
the way to the port or behind it is told apart by the port's own count, and printed.

The short form is for every day; scripts/flood runs it with ten million messages.
"""
import argparse
import json
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from daemon import ROUTER_MAC, Daemon, program, wait_for
from hosts import IP_MULTICAST_ALL, address
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, run, veth
from tap import Tap, equal

FLOWS = 100
SOURCE = '10.1.0.10'
RATE_OF_A_FLOW = 20
GROUPS = [f'239.9.0.{number}' for number in range(FLOWS)]
VICTIMS = '239.9.0.0/25'
DVMRP_A_SECOND = 50
# Queries every 5 s, answers within 2 s: a membership that is not refreshed ends after 14 s, so that
# even the short flood lasts longer.
IGMP = '''query-interval = "5s"
query-response-interval = "2s"
startup-query-interval = "1s"
max-groups = 4096
'''
MAX_ENTRIES = 16384
# What mcastd may grow by under attack: IGMP's entries, the manager's memberships and the journal at
# their limits, and the slots of the punt queues, which take memory when they are first used.
BUDGET_MB = 64
# And from the middle third of the flood to the last, when everything is full: what it never falls
# below. Each answer to the observer takes some megabytes for a moment, at any time; what is lost a
# little with each message raises the lowest reading too.
FLAT_MB = 4


def arguments():
    parser = argparse.ArgumentParser(description='Forged IGMP while streams are watched.')
    parser.add_argument('--messages', type=int, default=160_000)
    parser.add_argument('--rate', type=int, default=8_000, help='forged messages a second')
    parser.add_argument('--seed', type=int, default=random.randrange(1 << 31))
    return parser.parse_args()


def config(rate):
    text = BASE.replace('receive = 4095', 'receive = 16383').replace('megabytes = 192',
                                                                      'megabytes = 256')
    text += port('wan', 'net_af_packet0,iface=wan,framecnt=8192')
    text += port('lan1', 'net_af_packet1,iface=lan1,framecnt=8192')
    text += interface('wan', 'wan', '10.1.0.1/24', '"static"')
    text += ('[[interface]]\nname = "lan1"\nport = "lan1"\naddress = "10.2.0.1/24"\n'
             f'protocols = ["igmp"]\n[interface.igmp]\n{IGMP}')
    text += f'[igmp]\nmax-entries = {MAX_ENTRIES}\n'
    # All of the flood reaches control: what is refused earlier would spare it.
    text += f'[limits.punt]\nigmp = {max(20000, 2 * rate)}\n'
    return text


def scenario(seconds):
    text = '[[port]]\nname = "wan"\n'
    for number, group in enumerate(GROUPS):
        text += (f'[[flow]]\nport = "wan"\nsource = "{SOURCE}"\ngroup = "{group}"\n'
                 f'start = "{number * 1000 // (FLOWS * RATE_OF_A_FLOW)}ms"\n'
                 f'interval = "{1000 // RATE_OF_A_FLOW}ms"\ncount = {seconds * RATE_OF_A_FLOW}\n')
    return text


class Members:
    """The groups on Linux sockets; the datagrams themselves are not read."""

    def __init__(self, space):
        self.sockets = []
        for start in range(0, FLOWS, 20):
            with space.entered():
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
            for group in GROUPS[start:start + 20]:
                one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                               address(group) + address('10.2.0.10'))
            self.sockets.append(one)

    def close(self):
        for one in self.sockets:
            one.close()


def dvmrp_frame(source):
    body = struct.pack('!BBHHBB', 0x13, 1, 0, 0, 0xff, 3)
    total = sum(struct.unpack('!4H', body))
    total = (total & 0xffff) + (total >> 16)
    body = body[:2] + struct.pack('!H', ~total & 0xffff) + body[4:]
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0xc0, 20 + len(body), 0, 0, 1, 2, 0,
                         address(source), address('224.0.0.4'))
    total = sum(struct.unpack('!10H', header))
    total = (total & 0xffff) + (total >> 16)
    header = header[:10] + struct.pack('!H', ~total & 0xffff) + header[12:]
    return b'\x01\x00\x5e\x00\x00\x04\x02\x00\x00\x00\x00\x77\x08\x00' + header + body + bytes(18)


class Routers:
    """Sends probes of DVMRP's type from both sides until stopped."""

    def __init__(self, ways):
        self.sent, self.running, self.ways = 0, True, []
        for space, source in ways:
            with space.entered():
                raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                raw.bind(('eth0', 0))
            self.ways.append((raw, dvmrp_frame(source)))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.running:
            for raw, frame in self.ways:
                raw.send(frame)
                self.sent += 1
            time.sleep(1 / DVMRP_A_SECOND)

    def stop(self):
        self.running = False
        self.thread.join()
        for raw, _ in self.ways:
            raw.close()


class Observer:
    """Looks at the daemon each second; what it saw."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.samples, self.missing, self.roles = [], {}, set()

    def look(self):
        rows = self.daemon.json('show', 'groups')
        known = {row['group'] for row in rows if row['interface'] == 'lan1'}
        for group in GROUPS:
            if group not in known:
                self.missing[group] = self.missing.get(group, 0) + 1
        lan = next(row for row in self.daemon.json('show', 'interfaces') if row['name'] == 'lan1')
        self.roles.add((lan['igmp']['role'], lan['igmp']['querier']))
        self.samples.append((rss_mb(self.daemon.process.pid), lan['igmp']['groups']))


def rss_mb(pid):
    """Of the daemon itself: `ip netns exec` has become it."""
    with open(f'/proc/{pid}/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6


def drops(daemon):
    shown = daemon.json('show', 'drops')
    rows = {(row['interface'], row['reason']): row['packets'] for row in shown['rows']}
    control = {row['name']: row['packets'] for row in shown['control']}
    return rows, control, shown


def counts(daemon):
    return {row['name']: row for row in daemon.json('show', 'interfaces')}


class Attack:
    """The topology, the streams and the flood; ends what it began."""

    def __init__(self, options, tap):
        self.options, self.tap = options, tap
        self.seconds = options.messages // options.rate + 1
        self.spaces = [Namespace(role) for role in ('router', 'src', 'h1')]
        self.router, self.src, self.h1 = self.spaces
        self.folder = tempfile.TemporaryDirectory(prefix='mcast-flood-')
        self.scenario = f'{self.folder.name}/flows.toml'
        self.flows = []
        self.daemon = self.members = self.routers = None

    def start(self):
        veth(self.router, 'wan', self.src, 'eth0')
        veth(self.router, 'lan1', self.h1, 'eth0')
        for space, own in ((self.src, '10.1.0.10/24'), (self.h1, '10.2.0.10/24')):
            space.exec('ip', 'address', 'add', own, 'dev', 'eth0')
            space.exec('ip', 'neigh', 'add', own[:5] + '0.1', 'lladdr', ROUTER_MAC, 'dev', 'eth0')
        with open(self.scenario, 'w', encoding='utf-8') as file:
            file.write(scenario(self.seconds + 6))
        self.daemon = Daemon(config(self.options.rate), self.router)
        self.daemon.wait_ready()
        self.members = Members(self.h1)

        def all_known():
            rows = self.daemon.json('show', 'groups')
            return {row['group'] for row in rows} >= set(GROUPS)
        wait_for(all_known, 'the router knows all members')

    def start_flows(self):
        ask = [word for number in range(1, FLOWS + 1)
               for word in ('--expect', f'{number}={(self.seconds + 6) * RATE_OF_A_FLOW}')]
        self.receiver = self.in_space(self.h1, 'check', '-i', 'eth0', '--quiet', '4s', '--duration',
                                      f'{self.seconds + 60}s', '-o', 'json', *ask)
        time.sleep(0.5)
        self.sender = self.in_space(self.src, 'send', self.scenario, '-i', 'eth0')
        entries = lambda: self.daemon.json('show', 'status')['entries'] >= FLOWS
        wait_for(entries, 'all streams are established')
        time.sleep(1)

    def in_space(self, space, *arguments):
        process = subprocess.Popen(
            ['ip', 'netns', 'exec', space.name, program('mcastgen'), *arguments],
            stdout=subprocess.PIPE, text=True)
        self.flows.append(process)
        return process

    def flood(self):
        observer = Observer(self.daemon)
        observer.look()
        self.routers = Routers([(self.src, SOURCE), (self.h1, '10.2.0.77')])
        flooder = self.in_space(
            self.h1, 'flood', '-i', 'eth0', '--router', '10.2.0.1/24', '--victims', VICTIMS,
            '--source', SOURCE, '--count', str(self.options.messages), '--rate',
            str(self.options.rate), '--seed', str(self.options.seed), '-o', 'json')
        while flooder.poll() is None:
            time.sleep(1)
            observer.look()
        self.routers.stop()
        observer.look()
        return observer, json.loads(flooder.communicate()[0])

    def finish_flows(self):
        said, _ = self.sender.communicate(timeout=self.seconds + 60)
        result, _ = self.receiver.communicate(timeout=60)
        return int(said.split()[0]), json.loads(result)

    def remove(self):
        for process in self.flows:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if self.routers and self.routers.running:
            self.routers.stop()
        if self.members:
            self.members.close()
        if self.daemon:
            self.daemon.remove()
        for space in self.spaces:
            space.remove()
        self.folder.cleanup()


def judge_streams(tap, attack, sent, result):
    rows, _, shown = drops(attack.daemon)
    wan = counts(attack.daemon)['wan']
    received = sum(flow['received'] for flow in result['flows'])
    lost = sum(flow['lost'] for flow in result['flows'])
    dropped = {reason: count for (where, reason), count in rows.items()
               if where in ('wan', 'port wan') and not reason.startswith('dvmrp')}
    copies = {row['reason']: row['packets'] for row in shown['copies']}
    tap.note(f'streams: {sent} datagrams sent, {wan["forwarded"]} forwarded, {received} received, '
             f'{lost} lost on the whole way; before the port {sent - wan["forwarded"]}, behind it '
             f'{wan["forwarded"] - received}')
    with tap.case('no datagram of the streams is lost in the data path, none comes twice'):
        equal(dropped, {}, 'dropped on wan')
        equal(copies, {}, 'copies not sent')
        equal(sum(flow['duplicated'] + flow['corrupted'] + flow['reordered'] + flow['unexpected']
                  for flow in result['flows']), 0, 'damaged')
        equal(len(result['flows']), FLOWS, 'streams received')
        equal(lost, sent - received, 'lost, by sequence number')
        # What the kernel did not bring to the port or did not take from it, if anything.
        assert sent - received <= sent // 1000, f'{lost} of {sent} lost on the way'


def judge_control(tap, attack, observer, flood):
    rows, control, _ = drops(attack.daemon)
    lan = counts(attack.daemon)['lan1']
    tap.note(f'flood: {flood["sent"]} forged in {flood["seconds"]:.1f} s '
             f'({flood["sent"] / flood["seconds"]:.0f} a second), lan1 received {lan["received"]}; '
             f'lost before the port at least {max(0, flood["sent"] - lan["received"])}')
    tap.note('refused before control: ' + ', '.join(
        f'{reason} {count}' for (where, reason), count in sorted(rows.items()) if where == 'lan1'))
    judged = sum(count for name, count in control.items() if name.startswith('igmp_'))
    tap.note(f'judged by the querier: {judged}')
    tap.note('control: ' + ', '.join(f'{name} {count}' for name, count in sorted(control.items())))
    with tap.case('the flood came through the port'):
        assert lan['received'] >= flood['sent'] * 0.98, lan['received']
        missing = [name for name in ('igmp_bad_checksum', 'igmp_bad_length', 'igmp_malformed',
                                     'igmp_bad_group', 'igmp_bad_destination', 'igmp_off_subnet',
                                     'igmp_bad_source', 'igmp_unknown_type', 'bad_ttl')
                   if control.get(name, 0) == 0]
        equal(missing, [], 'kinds that never arrived')
    with tap.case('members that answer stay members'):
        equal(observer.missing, {}, 'groups that were missing, and how often')
    with tap.case('the querier stays the querier'):
        equal(observer.roles, {('querier', '10.2.0.1')}, 'roles')
    with tap.case('DVMRP, which does not run here, goes no further than the workers (DVMRP-132)'):
        equal(control.get('dvmrp_not_running', 0), 0, 'messages at control')
        dropped = {reason: sum(count for (_, why), count in rows.items() if why == reason)
                   for _, reason in rows if reason.startswith('dvmrp')}
        equal(dropped, {'dvmrp_not_running': attack.routers.sent}, 'dropped')


def judge_memory(tap, observer):
    memory = [mb for mb, _ in observer.samples]
    third = len(memory) // 3
    middle, last = memory[third:2 * third], memory[2 * third:]
    tap.note(f'memory: {memory[0]:.1f} MB before, {min(middle):.1f} MB in the middle, '
             f'{min(last):.1f} MB at the end, at most {max(memory):.1f} MB; groups at most '
             f'{max(n for _, n in observer.samples)}')
    with tap.case('memory stays within its budget, and is flat once everything is full'):
        assert max(memory) - memory[0] <= BUDGET_MB, memory
        assert min(last) - min(middle) <= FLAT_MB, memory
        assert max(n for _, n in observer.samples) <= 4096, observer.samples


def main():
    options = arguments()
    need_namespaces()
    tap = Tap()
    tap.note(f'{options.messages} messages, {options.rate} a second, --seed {options.seed}')
    attack = Attack(options, tap)
    try:
        attack.start()
        attack.start_flows()
        observer, flood = attack.flood()
        sent, result = attack.finish_flows()
        judge_control(tap, attack, observer, flood)
        judge_memory(tap, observer)
        judge_streams(tap, attack, sent, result)
        with tap.case('the books balance, no buffer is lost and SIGTERM ends with 0'):
            wait_for(lambda: attack.daemon.accounting()['difference'] == 0, 'difference is 0')
            equal(attack.daemon.accounting()['copy_difference'], 0, 'copy difference')
            equal(attack.daemon.json('show', 'status')['mbuf_balance'], 0, 'mbuf balance')
            equal(attack.daemon.stop(), 0, 'exit code')
    finally:
        attack.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
