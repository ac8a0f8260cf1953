#!/usr/bin/python3
"""A tunnel between two routers, over a Linux router that forwards unicast alone.

    src --- in 10.1.0.1 | a | 10.12.0.1 -- 10.12.0.254 | m | 10.23.0.254 -- 10.23.0.1 | c | out 10.4.0.1 --- h
                          (================= tunnel =================)
"""
import socket
import struct
import subprocess
import sys
import tempfile
import time

from daemon import Daemon, wait_for
from hosts import Member, Sender, Wire, number_of, write_pcap
from judge import complaints
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Tap, equal

SOURCE, NEAR, FAR = '10.1.0.10', '10.12.0.1', '10.23.0.1'
GROUP = '239.1.1.1'
COUNT = 50
LINK = '''[interface.dvmrp]
probe-interval = "1s"
neighbor-timeout = "4s"
'''
DVMRP = '''[dvmrp]
report-interval = "2s"
flash-interval = "1s"
route-expiry = "5s"
hold-down = "4s"
'''
# Outer and inner link of each end: name and address.
ENDS = {'a': (('wan', NEAR), ('in', '10.1.0.1'), '10.12.0.254', FAR),
        'c': (('wan', FAR), ('out', '10.4.0.1'), '10.23.0.254', NEAR)}
MACS = {'a': '02:00:00:00:00:0a', 'c': '02:00:00:00:00:0c'}


class Row:
    def __init__(self, control):
        self.spaces, self.daemons, self.wires = {}, {}, {}
        try:
            self._build(control)
        except BaseException:
            self.remove()
            raise

    def _build(self, control):
        for role in ('src', 'a', 'm', 'c', 'h'):
            self.spaces[role] = Namespace(role)
        for left, left_if, right, right_if in (('a', 'in', 'src', 'eth0'), ('a', 'wan', 'm', 'west'),
                                               ('c', 'wan', 'm', 'east'), ('c', 'out', 'h', 'eth0')):
            veth(self.spaces[left], left_if, self.spaces[right], right_if)
        for host, name, own in (('src', 'eth0', SOURCE), ('h', 'eth0', '10.4.0.10'),
                                ('m', 'west', '10.12.0.254'), ('m', 'east', '10.23.0.254')):
            self.spaces[host].exec('ip', 'address', 'add', f'{own}/24', 'dev', name)
        self.spaces['src'].exec('ip', 'route', 'add', 'default', 'via', '10.1.0.1')
        self.spaces['h'].exec('ip', 'route', 'add', 'default', 'via', '10.4.0.1')
        with self.spaces['m'].entered():
            self.spaces['m'].sysctl('ipv4/ip_forward', 1)
        for role, name in (('h', 'eth0'), ('src', 'eth0'), ('m', 'west'), ('m', 'east')):
            self.wires[f'{role}/{name}'] = Wire(self.spaces[role], name)
        for role, (outer, inner, gateway, remote) in ENDS.items():
            config = BASE
            for n, (name, address) in enumerate((outer, inner)):
                config += port(name, f'net_af_packet{n},iface={name},framecnt=4096')
                config += interface(name, name, f'{address}/24', '"igmp", "dvmrp"' if n else '',
                                    LINK if n else '')
            config += ('[[interface]]\nname = "tun"\nprotocols = ["dvmrp"]\n[interface.tunnel]\n'
                       f'over = "wan"\nremote = "{remote}"\ngateway = "{gateway}"\n'
                       f'control = "{control}"\n' + LINK + DVMRP)
            self.daemons[role] = Daemon(config, self.spaces[role], router_mac=MACS[role])
            self.daemons[role].wait_ready()

    def neighbors(self, role):
        return {row['neighbor']: (row['interface'], row['state'])
                for row in self.daemons[role].json('show', 'dvmrp', 'neighbors')}

    def route(self, role, prefix):
        return next((row for row in self.daemons[role].json('show', 'dvmrp', 'routes')
                     if row['prefix'] == prefix), None)

    def wait_converged(self, seconds=20.0):
        def converged():
            far, near = self.route('c', '10.1.0.0/24'), self.route('a', '10.1.0.0/24')
            return far and far['metric'] == 2 and near and FAR in near['dependents']
        wait_for(converged, 'the ends of the tunnel know each other', seconds, every=0.2)

    def carried(self, wire):
        """(outer source, outer destination, outer TTL, inner packet) of what came to m there."""
        return [(socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]), frame[22],
                 frame[34:14 + struct.unpack('!H', frame[16:18])[0]])
                for _, frame in list(self.wires[wire].frames)
                if frame[12:14] == b'\x08\x00' and frame[14] == 0x45 and frame[23] == 4]

    def remove(self):
        for wire in self.wires.values():
            wire.close()
        for daemon in self.daemons.values():
            daemon.remove()
        for space in self.spaces.values():
            space.remove()


class Stream:
    def __init__(self, row):
        self.sender, self.next = Sender(row.spaces['src'], SOURCE), 0

    def send(self, count, gap=0.01):
        first = self.next
        for _ in range(count):
            self.sender.send(GROUP, self.next)
            self.next += 1
            time.sleep(gap)
        return list(range(first, self.next))


def numbers(member):
    return [number_of(payload) for _, _, payload in member.received()]


def data_in(carried):
    return [number_of(inner[28:]) for _, _, _, inner in carried if inner[9] == 17]


def case_converge(tap, row, control):
    with tap.case(f'control {control}: two routers are neighbours by a tunnel'):
        row.wait_converged()
        equal(row.neighbors('a'), {FAR: ('tun', 'two-way')}, 'seen by a')
        equal(row.neighbors('c'), {NEAR: ('tun', 'two-way')}, 'seen by c')
        shown = next(it for it in row.daemons['c'].json('show', 'interfaces') if it['name'] == 'tun')
        equal((shown['tunnel']['remote'], shown['mtu']), (NEAR, 1480), 'as c shows it')
        assert shown['tunnel']['next_hop_mac'], shown


def case_stream(tap, row, control):
    stream = Stream(row)
    with tap.case(f'control {control}: nobody wants the stream, and it is pruned'):
        stream.send(COUNT)
        time.sleep(0.3)
        assert len(data_in(row.carried('m/west'))) < COUNT // 2, 'the prune has stopped it'
    member = Member(row.spaces['h'], '10.4.0.10', GROUP)
    with tap.case(f'control {control}: a host joins, and the stream comes through the tunnel'):
        got = []
        def arrives():
            stream.send(5)
            got.extend(numbers(member))
            return got
        wait_for(arrives, 'the stream has come to h', 15.0, every=0)
    with tap.case(f'control {control}: every packet arrives exactly once, its TTL two lower'):
        time.sleep(0.3)
        numbers(member)
        before = {wire: len(data_in(row.carried(wire))) for wire in ('m/west', 'm/east')}
        sent = stream.send(4 * COUNT)
        time.sleep(0.5)
        got = member.received()
        equal([number_of(payload) for _, _, payload in got], sent, 'numbers')
        equal({ttl for _, ttl, _ in got}, {6}, 'TTL')
        equal(data_in(row.carried('m/west'))[before['m/west']:], sent, 'what came to m, inside')
        equal(data_in(row.carried('m/east'))[before['m/east']:], [], 'what came back')
        equal({(source, to, ttl) for source, to, ttl, _ in row.carried('m/west')}, {(NEAR, FAR, 64)},
              'outer headers')
        equal(row.wires['m/west'].datagrams(), [], 'what m could have forwarded itself')
    member.close()


def control_fields(row, wire):
    """(protocols of the headers, destination of the last one) of DVMRP frames, as tshark sees."""
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        write_pcap(file.name, list(row.wires[wire].frames))
        done = subprocess.run(['tshark', '-n', '-r', file.name, '-Y', 'dvmrp', '-T', 'fields',
                               '-e', 'ip.proto', '-e', 'ip.dst'],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr.strip()
    return {tuple(line.split('\t')) for line in done.stdout.splitlines()}


def case_judge(tap, row, control):
    with tap.case(f'control {control}: so its messages are (DEC-24)'):
        wanted = ('4,2', f'{FAR},224.0.0.4') if control == 'inside' else ('2', FAR)
        equal(control_fields(row, 'm/west'), {wanted}, 'messages of a')
    for name, wire in row.wires.items():
        with tap.case(f'control {control}: tshark finds nothing wrong with what came to {name}'):
            frames = list(wire.frames)
            assert frames, 'nothing was captured'
            tap.note(f'{len(frames)} frames')
            equal(complaints(frames), [], 'complaints')


def case_stranger(tap, row, control):
    """m forges a packet from another end."""
    with tap.case(f'control {control}: what is not from the other end does not come out'):
        drops = lambda: sum(it['packets'] for it in row.daemons['c'].json('show', 'drops')['rows']
                            if it['reason'] == 'tunnel_unknown')
        before, heard = drops(), len(row.wires['h/eth0'].datagrams())
        inner = next(it for _, _, _, it in row.carried('m/west') if it[9] == 17)
        with row.spaces['m'].entered():
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)
        raw.sendto(inner, (FAR, 0))
        raw.close()
        wait_for(lambda: drops() > before, 'it is counted', 5.0)
        equal(len(row.wires['h/eth0'].datagrams()), heard, 'what h was sent')


def case_end(tap, row, control):
    for role in ENDS:
        with tap.case(f'control {control}: every packet of {role} is accounted for'):
            def balanced():
                books = row.daemons[role].accounting()
                return books['difference'] == 0 and books['copy_difference'] == 0
            wait_for(balanced, 'differences are 0')
            equal(row.daemons[role].stop(), 0, 'exit code')


def main():
    need_namespaces()
    tap = Tap()
    for control in ('inside', 'beside'):
        row = Row(control)
        try:
            case_converge(tap, row, control)
            case_stream(tap, row, control)
            case_stranger(tap, row, control)
            case_judge(tap, row, control)
            case_end(tap, row, control)
        finally:
            row.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
