#!/usr/bin/python3
"""Linux hosts join with ordinary sockets, as IGMPv2 and IGMPv3; a sender sends numbered UDP."""
import socket
import struct
import sys
import threading
import time

from daemon import wait_for
from hosts import Member, Sender, payload_of
from judge import complaints
from lab import LAST_MEMBER_SECONDS, MEMBERSHIP_SECONDS, Lab, interface, port
from netns import need_namespaces
from tap import Tap, equal

SOURCE, OTHER = '10.1.0.10', '10.1.0.11'
COUNT = 50
# How much longer than the protocol allows a busy machine may take.
SLACK = 1.5

TAP_PORT = (port('tap', 'net_tap0,iface=mctap0')
            + interface('tap', 'tap', '10.9.0.1/24')
            # The same cable as lan2, tagged.
            + interface('guests', 'lan2', '10.8.0.1/24', extra='vlan = 100\n'))


def settle(seconds=0.3):
    """Lets a datagram too many arrive: there is no event to wait for when all is well."""
    time.sleep(seconds)


def send_all(sender, group, numbers, size=100):
    for number in numbers:
        sender.send(group, number, size)
        time.sleep(0.001)


def check_received(member, sender, group, numbers, size=100, ttl=7):
    """Each datagram exactly once, TTL one less, payload intact."""
    got = []

    def complete():
        got.extend(member.received())
        return len(got) >= len(numbers)
    wait_for(complete, f'{len(numbers)} datagrams of {group}, {len(got)} came')
    settle()
    got.extend(member.received())
    wanted = [(sender.source, ttl, payload_of(sender.source, group, n, size)) for n in numbers]
    equal(sorted(got), sorted(wanted), f'what a member of {group} received')


def on_wire(wire, group):
    return [row for row in wire.datagrams() if row[1] == group]


def case_join(tap, lab, name, group, space, own, receiver, version, mode, **sources):
    with tap.case(name):
        member = Member(space, own, group, **sources)
        sender = Sender(lab.src, SOURCE)
        try:
            lab.wait_group(receiver, group, compat=version, mode=mode)
            send_all(sender, group, range(COUNT))
            check_received(member, sender, group, range(COUNT))
        finally:
            sender.close()
            member.close()


def case_sources(tap, lab):
    with tap.case('IGMPv3 source-include: the other source is not delivered'):
        member = Member(lab.h2, '10.3.0.10', '232.1.1.9', include=[SOURCE])
        wanted, other = Sender(lab.src, SOURCE), Sender(lab.src, OTHER)
        lab.wait_group(2, '232.1.1.9', mode='include')
        send_all(other, '232.1.1.9', range(COUNT))
        send_all(wanted, '232.1.1.9', range(COUNT))
        check_received(member, wanted, '232.1.1.9', range(COUNT))
        equal({row[0] for row in on_wire(lab.wires['h2'], '232.1.1.9')}, {SOURCE}, 'on the wire')
        member.close()
    with tap.case('IGMPv3 source-exclude: the excluded source is not delivered'):
        member = Member(lab.h2, '10.3.0.10', '239.1.1.9', exclude=[OTHER])
        def excludes():
            return any(row['group'] == '239.1.1.9' and row['mode'] == 'exclude'
                       and [one['source'] for one in row['sources']] == [OTHER]
                       for row in lab.daemon.json('show', 'groups'))
        wait_for(excludes, 'lan2 excludes the other source')
        # Linux first says "exclude nobody", then blocks: the older state ends by a query.
        settle(LAST_MEMBER_SECONDS + 0.5)
        send_all(other, '239.1.1.9', range(COUNT))
        send_all(wanted, '239.1.1.9', range(COUNT))
        check_received(member, wanted, '239.1.1.9', range(COUNT))
        equal({row[0] for row in on_wire(lab.wires['h2'], '239.1.1.9')}, {SOURCE}, 'on the wire')
        member.close()
        wanted.close()
        other.close()


def case_nobody(tap, lab):
    with tap.case('a host that did not ask gets none, and the sender gets nothing back'):
        group = '239.1.3.1'
        member, sender = Member(lab.h1, '10.2.0.10', group), Sender(lab.src, SOURCE)
        lab.wait_group(1, group)
        send_all(sender, group, range(COUNT))
        check_received(member, sender, group, range(COUNT))
        for role in ('h2', 'src'):
            equal(on_wire(lab.wires[role], group), [], f'what {role} was sent')
        member.close()
        sender.close()
    with tap.case('TTL 1 is not forwarded, TTL 2 is'):
        group = '239.1.3.2'
        member = Member(lab.h1, '10.2.0.10', group)
        lab.wait_group(1, group)
        short, long = Sender(lab.src, OTHER, ttl=1), Sender(lab.src, SOURCE, ttl=2)
        send_all(short, group, range(COUNT))
        send_all(long, group, range(COUNT))
        check_received(member, long, group, range(COUNT), ttl=1)
        for one in (member, short, long):
            one.close()


class Stream:
    """Sends until stopped, so that the moment of the last delivery can be seen."""

    def __init__(self, sender, group):
        self.sender, self.group, self.running = sender, group, True
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()

    def _send(self):
        number = 0
        while self.running:
            self.sender.send(self.group, number)
            number += 1
            time.sleep(0.005)

    def stop(self):
        self.running = False
        self.thread.join()
        self.sender.close()


def last_arrival(wire, group):
    last = 0.0
    wanted = socket.inet_aton(group)
    for at, frame in list(wire.frames):
        if frame[30:34] == wanted and frame[23] == 17:
            last = at
    return last


def case_leave(tap, lab, name, group, space, own, receiver):
    with tap.case(name):
        wire = lab.wires[f'h{receiver}']
        member = Member(space, own, group)
        lab.wait_group(receiver, group)
        stream = Stream(Sender(lab.src, SOURCE), group)
        try:
            wait_for(lambda: len(on_wire(wire, group)) > 20, 'the stream flows')
            left = time.time()
            member.leave()
            lab.wait_no_group(receiver, group)
            settle()
            stopped = last_arrival(wire, group)
            settle()
            equal(last_arrival(wire, group), stopped, 'last arrival, once the member is gone')
            took = stopped - left
            tap.note(f'stream stopped {took * 1000:.0f} ms after the leave')
            assert took < LAST_MEMBER_SECONDS + SLACK, f'stream went on for {took:.2f} s'
        finally:
            stream.stop()
            member.close()


def case_link(tap, lab):
    with tap.case('an output without link is left out, and served again when the link is back'):
        group = '239.1.8.2'
        stay, gone = Member(lab.h1, '10.2.0.10', group), Member(lab.h2, '10.3.0.10', group)
        sender = Sender(lab.src, SOURCE)

        def up():
            return next(row['up'] for row in lab.daemon.json('show', 'interfaces')
                        if row['name'] == 'lan2')
        try:
            lab.wait_group(1, group)
            lab.wait_group(2, group)
            lab.router.exec('ip', 'link', 'set', 'lan2', 'down')
            wait_for(lambda: not up(), 'lan2 is seen to be down')
            send_all(sender, group, range(COUNT))
            check_received(stay, sender, group, range(COUNT))
            outputs = [row['outputs'] for row in lab.daemon.json('show', 'entries')
                       if row['group'] == group]
            equal(outputs, [['lan1']], 'outputs while lan2 is down')
            lab.router.exec('ip', 'link', 'set', 'lan2', 'up')
            wait_for(up, 'lan2 is seen to be up')
            lab.wait_group(2, group)
            send_all(sender, group, range(COUNT, 2 * COUNT))
            check_received(stay, sender, group, range(COUNT, 2 * COUNT))
            wait_for(lambda: len(on_wire(lab.wires['h2'], group)) == COUNT,
                     'the member behind lan2 is served again')
        finally:
            for one in (stay, gone, sender):
                one.close()


def igmpv2_report(group, host='10.2.0.77'):
    """A whole frame: Router Alert, TTL 1."""
    body = struct.pack('!BBH4s', 0x16, 0, 0, socket.inet_aton(group))
    body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
    ip = struct.pack('!BBHHHBBH4s4s4s', 0x46, 0xc0, 24 + len(body), 0, 0, 1, 2, 0,
                     socket.inet_aton(host), socket.inet_aton(group), b'\x94\x04\0\0')
    ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
    mac = b'\x01\x00\x5e' + bytes([socket.inet_aton(group)[1] & 0x7f]) + socket.inet_aton(group)[2:]
    return mac + b'\x02\x00\x0a\x02\x00\x4d' + b'\x08\x00' + ip + body


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def case_silent(tap, lab):
    with tap.case('a silent member expires'):
        group = '239.1.5.1'
        lab.wires['h1'].send(igmpv2_report(group))
        said = time.time()
        lab.wait_group(1, group)
        sender = Sender(lab.src, SOURCE)
        send_all(sender, group, range(5))
        wait_for(lambda: len(on_wire(lab.wires['h1'], group)) == 5, 'the member is served')
        lab.wait_no_group(1, group, MEMBERSHIP_SECONDS + SLACK + 3)
        took = time.time() - said
        tap.note(f'expired after {took:.1f} s')
        assert took > MEMBERSHIP_SECONDS - 0.2, f'expired too early, after {took:.2f} s'
        send_all(sender, group, range(5, 10))
        settle()
        equal(len(on_wire(lab.wires['h1'], group)), 5, 'datagrams after expiry')
        sender.close()


def case_sizes(tap, lab):
    with tap.case('datagrams of 40 to 1472 bytes arrive whole'):
        group = '239.1.6.1'
        member, sender = Member(lab.h2, '10.3.0.10', group), Sender(lab.src, SOURCE)
        lab.wait_group(2, group)
        for size in (40, 41, 512, 1471, 1472):
            send_all(sender, group, range(3), size)
            check_received(member, sender, group, range(3), size)
        member.close()
        sender.close()


def case_tap_and_vlan(tap, lab):
    with tap.case('a member behind a tap port'):
        group = '239.1.7.1'
        lab.router.exec('ip', 'address', 'add', '10.9.0.10/24', 'dev', 'mctap0')
        lab.router.exec('ip', 'link', 'set', 'mctap0', 'up')
        member, sender = Member(lab.router, '10.9.0.10', group), Sender(lab.src, SOURCE)
        wait_for(lambda: lab.daemon.has_group('tap', group), 'tap knows the member', 15)
        send_all(sender, group, range(COUNT))
        check_received(member, sender, group, range(COUNT))
        member.close()
        sender.close()
    with tap.case('a member in a VLAN gets the stream in its VLAN only'):
        group, wire = '239.1.7.2', lab.wires['h2']
        # By hand: a kernel without VLAN devices can carry tagged frames all the same.
        report = igmpv2_report(group, '10.8.0.77')
        wire.send(report[:12] + b'\x81\x00\x00\x64' + report[12:])
        wait_for(lambda: lab.daemon.has_group('guests', group), 'guests knows the member')
        sender = Sender(lab.src, SOURCE)
        send_all(sender, group, range(COUNT))
        def tagged():
            return [row for row in wire.datagrams(vlan=100) if row[1] == group]
        wait_for(lambda: len(tagged()) >= COUNT, 'all have arrived')
        settle()
        equal(tagged(), [(SOURCE, group, 7, payload_of(SOURCE, group, number))
                         for number in range(COUNT)], 'in the VLAN')
        equal(on_wire(wire, group), [], 'without a tag')
        sender.close()


def case_first_packet(tap, lab):
    with tap.case('the first packet of a flow is not lost'):
        group = '239.1.8.1'
        member = Member(lab.h1, '10.2.0.10', group)
        lab.wait_group(1, group)
        sender = Sender(lab.src, SOURCE)
        sender.send(group, 0)
        check_received(member, sender, group, range(1))
        member.close()
        sender.close()


def case_balance(tap, lab):
    with tap.case('every packet is accounted for'):
        def balanced():
            books = lab.daemon.accounting()
            return books['difference'] == 0 and books['copy_difference'] == 0
        wait_for(balanced, f'differences are 0: {lab.daemon.accounting()}')
        equal(lab.daemon.json('show', 'status')['mbuf_balance'], 0, 'mbuf balance')
    with tap.case('SIGTERM ends the daemon with 0'):
        equal(lab.daemon.stop(), 0, 'exit code')


def case_judge(tap, lab):
    for role, wire in lab.wires.items():
        with tap.case(f'tshark finds nothing wrong with what was sent to {role}'):
            frames = list(wire.frames)
            assert frames or role == 'src', 'nothing was captured'
            tap.note(f'{len(frames)} frames')
            equal(complaints(frames), [], 'complaints')


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(2, (SOURCE, OTHER), TAP_PORT)
    try:
        with lab.h1.entered():
            lab.h1.sysctl('ipv4/conf/eth0/force_igmp_version', 2)
        h1, h2 = (lab.h1, '10.2.0.10', 1), (lab.h2, '10.3.0.10', 2)
        case_join(tap, lab, 'IGMPv2 member gets each datagram once', '239.1.1.1', *h1, 2, 'exclude')
        case_join(tap, lab, 'IGMPv3 member gets each datagram once', '239.1.1.2', *h2, 3, 'exclude')
        case_join(tap, lab, 'IGMPv3 source-include member gets each datagram once', '232.1.1.1',
                  *h2, 3, 'include', include=[SOURCE])
        case_sources(tap, lab)
        case_nobody(tap, lab)
        case_first_packet(tap, lab)
        case_link(tap, lab)
        case_leave(tap, lab, 'IGMPv2 leave stops the stream', '239.1.4.1', *h1)
        case_leave(tap, lab, 'IGMPv3 leave stops the stream', '239.1.4.2', *h2)
        case_silent(tap, lab)
        case_sizes(tap, lab)
        case_tap_and_vlan(tap, lab)
        case_balance(tap, lab)
        case_judge(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
