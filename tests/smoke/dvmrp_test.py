#!/usr/bin/python3
"""DVMRP between three routers in a row, with real Linux hosts at the ends.

    src --- in 10.1.0.1 | a | 10.12.0.1 -- 10.12.0.2 | b | 10.23.0.1 -- 10.23.0.2 | c | out 10.4.0.1 --- h
                                                       | side 10.5.0.1 --- g
"""
import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

from daemon import Daemon, wait_for
from hosts import Member, Sender, Wire, number_of, write_pcap
from judge import complaints
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Tap, equal

SOURCE = '10.1.0.10'
GROUP = '239.1.1.1'
COUNT = 50
# Short timers: a neighbour is gone after 4 s, a route after 5 s.
LINK = '''[interface.dvmrp]
probe-interval = "1s"
neighbor-timeout = "4s"
'''
DVMRP = '''[dvmrp]
report-interval = "2s"
flash-interval = "1s"
route-expiry = "5s"
hold-down = "4s"
answer-traces = true
answer-traces-to = ["10.0.0.0/8"]
'''
ROUTERS = {'a': (('in', '10.1.0.1'), ('ab', '10.12.0.1')),
           'b': (('ba', '10.12.0.2'), ('bc', '10.23.0.1'), ('side', '10.5.0.1')),
           'c': (('cb', '10.23.0.2'), ('out', '10.4.0.1'))}
MACS = {'a': '02:00:00:00:00:0a', 'b': '02:00:00:00:00:0b', 'c': '02:00:00:00:00:0c'}


class Row:
    def __init__(self):
        self.spaces, self.daemons, self.wires, self.configs = {}, {}, {}, {}
        try:
            self._build()
        except BaseException:
            self.remove()
            raise

    def _build(self):
        for role in ('src', 'a', 'b', 'c', 'h', 'g'):
            self.spaces[role] = Namespace(role)
        for left, left_if, right, right_if in (('a', 'in', 'src', 'eth0'), ('a', 'ab', 'b', 'ba'),
                                               ('b', 'bc', 'c', 'cb'), ('c', 'out', 'h', 'eth0'),
                                               ('b', 'side', 'g', 'eth0')):
            veth(self.spaces[left], left_if, self.spaces[right], right_if)
        for host, own, router in (('src', SOURCE, '10.1.0.1'), ('h', '10.4.0.10', '10.4.0.1'),
                                  ('g', '10.5.0.10', '10.5.0.1')):
            self.spaces[host].exec('ip', 'address', 'add', f'{own}/24', 'dev', 'eth0')
            self.spaces[host].exec('ip', 'route', 'add', 'default', 'via', router)
        for role, name in (('h', 'eth0'), ('g', 'eth0'), ('src', 'eth0'), ('a', 'ab'), ('b', 'ba'),
                           ('b', 'bc'), ('c', 'cb')):
            self.wires[role + '/' + name] = Wire(self.spaces[role], name)
        for role, links in ROUTERS.items():
            config = BASE
            for n, (name, address) in enumerate(links):
                config += port(name, f'net_af_packet{n},iface={name},framecnt=4096')
                config += interface(name, name, f'{address}/24', '"igmp", "dvmrp"') + LINK
            self.configs[role] = config + DVMRP
            self.start(role)

    def start(self, role):
        self.daemons[role] = Daemon(self.configs[role], self.spaces[role], router_mac=MACS[role])
        self.daemons[role].wait_ready()

    def kill(self, role):
        """As -9 does: no farewell."""
        self.daemons[role].process.kill()
        self.daemons[role].process.wait()
        self.daemons.pop(role).remove()

    def neighbors(self, role):
        return {row['neighbor']: row['state']
                for row in self.daemons[role].json('show', 'dvmrp', 'neighbors')}

    def route(self, role, prefix='10.1.0.0/24'):
        return next((row for row in self.daemons[role].json('show', 'dvmrp', 'routes')
                     if row['prefix'] == prefix), None)

    def wait_converged(self, seconds=20.0):
        """c has the way to the source, and each router above has heard that it is needed."""
        def converged():
            far, middle, near = self.route('c'), self.route('b'), self.route('a')
            return (far and far['metric'] == 3 and middle and '10.23.0.2' in middle['dependents']
                    and near and '10.12.0.2' in near['dependents'])
        wait_for(converged, 'the routers know each other', seconds, every=0.2)

    def on_wire(self, wire, group=GROUP):
        return [row for row in self.wires[wire].datagrams() if row[1] == group]

    def messages(self, role, name):
        """How many of a message the router sent, on all interfaces."""
        return sum(row['count'] for row in self.daemons[role].json('show', 'dvmrp', 'statistics')
                   if row['counter'] == name)

    def member(self, host='h', own='10.4.0.10', group=GROUP):
        return Member(self.spaces[host], own, group)

    def remove(self):
        for wire in self.wires.values():
            wire.close()
        for daemon in self.daemons.values():
            daemon.remove()
        for space in self.spaces.values():
            space.remove()


class Stream:
    """Numbered datagrams, one every 10 ms while asked."""

    def __init__(self, row):
        self.sender, self.next = Sender(row.spaces['src'], SOURCE), 0

    def send(self, count, gap=0.01):
        first = self.next
        for _ in range(count):
            self.sender.send(GROUP, self.next)
            self.next += 1
            time.sleep(gap)
        return list(range(first, self.next))

    def until(self, condition, what, seconds=15.0):
        def turn():
            self.send(5)
            return condition()
        return wait_for(turn, what, seconds, every=0)


def numbers(member):
    return [number_of(payload) for _, _, payload in member.received()]


def arrivals(member, sent):
    """What came of these packets and after them, once the last has come and nothing follows.
    Packets sent before may be late on a busy machine, and are another case's."""
    got = []
    def last():
        got.extend(member.received())
        return any(number_of(payload) == sent[-1] for _, _, payload in got)
    wait_for(last, 'the last packet has come', 15.0)
    time.sleep(0.3)
    got.extend(member.received())
    return [(number_of(payload), ttl) for _, ttl, payload in got if number_of(payload) >= sent[0]]


def case_converge(tap, row):
    with tap.case('three routers become neighbours and learn the way to the source'):
        began = time.time()
        row.wait_converged()
        tap.note(f'after {time.time() - began:.1f} s')
        equal(row.neighbors('b'), {'10.12.0.1': 'two-way', '10.23.0.2': 'two-way'}, 'seen by b')
        equal(row.route('b')['neighbor'], '10.12.0.1', 'upstream of b')
        text = row.daemons['b'].ctl('show', 'dvmrp', 'routes').stdout
        assert '10.1.0.0/24' in text, text


def case_stream(tap, row, stream):
    with tap.case('nobody wants the stream: one packet comes down, and it is pruned (DVMRP-98)'):
        stream.send(COUNT)
        time.sleep(0.3)
        equal(row.on_wire('h/eth0'), [], 'what h was sent')
        assert len(row.on_wire('b/ba')) < COUNT // 2, 'the prune has stopped the stream at a'
        assert row.messages('b', 'sent-prunes') >= 1
    member = row.member()
    with tap.case('a host joins: grafts go up, and the stream arrives (DVMRP-115, DVMRP-121)'):
        stream.until(lambda: numbers(member), 'the stream has come to h')
        assert row.messages('c', 'sent-grafts') >= 1 and row.messages('b', 'sent-grafts') >= 1
        numbers(member)
    with tap.case('every packet arrives exactly once, its TTL three lower'):
        sent = stream.send(COUNT)
        equal(arrivals(member, sent), [(number, 5) for number in sent], 'numbers and TTL')
    with tap.case('the picture of b shows its neighbours and the stream'):
        daemon = row.daemons['b']
        picture = json.loads(daemon.ctl('topology', '-o', 'json').stdout)
        seen = {each['address'] for link in picture['interfaces'] for each in link['neighbors']}
        equal(seen, {'10.12.0.1', '10.23.0.2'}, 'neighbours in it')
        equal([each['group'] for each in picture['streams']], [GROUP], 'streams in it')
        dot = daemon.ctl('topology', '--dot').stdout
        assert dot.startswith('digraph') and '10.23.0.2' in dot and GROUP in dot, dot
        texts = ElementTree.fromstring(daemon.ctl('topology', '--svg').stdout).itertext()
        assert any(GROUP in text for text in texts), 'the stream is in the drawing'
    with tap.case('the host leaves: the stream is pruned again'):
        member.close()
        def stopped():
            before = len(row.on_wire('b/ba'))
            stream.send(20)
            return len(row.on_wire('b/ba')) == before
        wait_for(stopped, 'a sends no more', 20.0)


def case_hand_over(tap, row, stream):
    """lan `side` of b between IGMP alone and DVMRP beside it, with members on both sides of b."""
    with tap.case('an interface changes hands under a stream that both want: nothing is lost'):
        far, near = row.member(), row.member('g', '10.5.0.10')
        stream.until(lambda: numbers(far), 'the stream has come to h')
        stream.until(lambda: numbers(near), 'the stream has come to g')
        sent = stream.send(20)
        for verb in ('release', 'take', 'release', 'take'):
            done = row.daemons['b'].ctl('owner', verb, 'side', 'dvmrp')
            equal(done.returncode, 0, done.stderr)
            sent += stream.send(100)
        for member, name in ((far, 'h'), (near, 'g')):
            equal([number for number, _ in arrivals(member, sent)], sent, f'numbers at {name}')
        far.close()
        near.close()


def trace_query(number):
    """mtrace's question to c: the way from the source to h, the answer to the source itself, since
    these routers route no unicast."""
    text = struct.pack('!BBH4s4s4s4sI', 0x1f, 32, 0, *(socket.inet_aton(address) for address in (
        GROUP, SOURCE, '10.4.0.10', SOURCE)), 64 << 24 | number)
    total = sum(struct.unpack('!12H', text))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return text[:2] + struct.pack('!H', ~total & 0xffff) + text[4:]


def trace_fields(frames):
    """Of each answer, as tshark reads it: outgoing, incoming, previous hop, code, hop by hop."""
    names = ('q_outaddr', 'q_inaddr', 'q_prevrtr', 'q_fwd_code')
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        write_pcap(file.name, frames)
        command = ['tshark', '-n', '-r', file.name, '-Y', 'igmp.type == 0x1e', '-T', 'fields']
        for name in names:
            command += ['-e', 'igmp.mtrace.' + name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr.strip()
    return [list(zip(*(column.split(',') for column in line.split('\t'))))
            for line in done.stdout.splitlines()]


def is_trace_answer(frame):
    return frame[12:14] == b'\x08\x00' and frame[23] == 2 and frame[34] == 0x1e


def case_trace(tap, row, stream):
    with tap.case('mtrace: each router on the way adds its links, and the first one answers'):
        member = row.member()
        stream.until(lambda: numbers(member), 'the stream has come to h')
        with row.spaces['h'].entered():
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
        asked = iter(range(1, 1000))

        def answers():
            stream.send(5)
            raw.sendto(trace_query(next(asked)), ('10.4.0.1', 0))
            return [each for each in list(row.wires['src/eth0'].frames)
                    if is_trace_answer(each[1])]
        found = wait_for(answers, 'an answer has come to the source', 10.0, every=0.3)
        raw.close()
        member.close()
        answer = trace_fields(found)[-1]
        equal([hop[:3] for hop in answer],
              [('10.4.0.1', '10.23.0.2', '10.23.0.1'), ('10.23.0.1', '10.12.0.2', '10.12.0.1'),
               ('10.12.0.1', '10.1.0.1', '0.0.0.0')], 'hops')
        equal({int(hop[3], 0) for hop in answer}, {0}, 'codes')
        equal(complaints(found), [], 'complaints of tshark')


def case_restart(tap, row, stream):
    with tap.case('the router in the middle is killed and comes back: traffic resumes (DVMRP-136)'):
        member = row.member()
        stream.until(lambda: numbers(member), 'the stream has come to h')
        row.kill('b')
        stream.send(20)
        numbers(member)
        row.start('b')
        began = time.time()
        stream.until(lambda: numbers(member), 'the stream has come to h again', 15.0)
        tap.note(f'after {time.time() - began:.1f} s')
        row.wait_converged()
        time.sleep(0.3)
        numbers(member)
        sent = stream.send(COUNT)
        time.sleep(0.3)
        equal(numbers(member), sent, 'numbers')
        member.close()


def dvmrp_fields(frames):
    """(TTL, TOS, header length) of every DVMRP frame, as tshark reads them."""
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        write_pcap(file.name, frames)
        done = subprocess.run(['tshark', '-n', '-r', file.name, '-Y', 'dvmrp', '-T', 'fields',
                               '-e', 'ip.ttl', '-e', 'ip.dsfield', '-e', 'ip.hdr_len'],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr.strip()
        return {tuple(line.split('\t')) for line in done.stdout.splitlines()}


def case_judge(tap, row):
    with tap.case('all DVMRP has TTL 1, TOS 0xC0 and no options (DVMRP-1)'):
        equal(dvmrp_fields(list(row.wires['b/ba'].frames)), {('1', '0xc0', '20')}, 'fields')
    for name, wire in row.wires.items():
        with tap.case(f'tshark finds nothing wrong with what came to {name}'):
            frames = list(wire.frames)
            assert frames, 'nothing was captured'
            tap.note(f'{len(frames)} frames')
            equal(complaints(frames), [], 'complaints')


def case_end(tap, row):
    with tap.case('a router that stops says so: its neighbour has no route at once (DVMRP-75)'):
        equal(row.daemons['a'].stop(), 0, 'exit code')
        wait_for(lambda: not row.route('b')['reachable'], 'b has lost the way', 2.0)
    for role in ('b', 'c'):
        with tap.case(f'every packet of {role} is accounted for, and it ends with 0'):
            def balanced():
                books = row.daemons[role].accounting()
                return books['difference'] == 0 and books['copy_difference'] == 0
            wait_for(balanced, 'differences are 0')
            equal(row.daemons[role].stop(), 0, 'exit code')


def main():
    need_namespaces()
    tap = Tap()
    row = Row()
    try:
        stream = Stream(row)
        case_converge(tap, row)
        case_stream(tap, row, stream)
        case_hand_over(tap, row, stream)
        case_trace(tap, row, stream)
        case_restart(tap, row, stream)
        case_judge(tap, row)
        case_end(tap, row)
    finally:
        row.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
