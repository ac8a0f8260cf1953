#!/usr/bin/python3
"""Multicast router discovery (RFC 4286): a router that asks nobody, and a switch that snoops.

    src --- wan [router, passive] lan1 --- [switch] --- h1, h2

The switch (a Linux bridge) cannot know such a router by its queries; what it hears is the
advertisement. The two messages of four bytes it neither understands nor lets through, so they are
sent and seen at its port towards the router.
"""
import struct
import subprocess
import sys
import tempfile
import time

from daemon import ROUTER_MAC, wait_for
from hosts import Wire, write_pcap
from igmpwire import bodies, queries
from judge import complaints
from lab import Lab
from netns import need_namespaces
from tap import Tap, equal

ADVERTISEMENT, SOLICITATION, TERMINATION = 0x30, 0x31, 0x32
EXTRA = 'passive = true\nadvertisement-interval = "180s"\n'
OURS = bytes.fromhex(ROUTER_MAC.replace(':', ''))


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack('!H', ~total & 0xffff)


def solicitation(source):
    body = bytes([SOLICITATION, 0])
    body += checksum(body + b'\0\0')
    head = struct.pack('!BBHHHBBH4s4s4s', 0x46, 0xc0, 24 + len(body), 0, 0, 1, 2, 0,
                       bytes(map(int, source.split('.'))), bytes([224, 0, 0, 2]),
                       b'\x94\x04\0\0')
    head = head[:10] + checksum(head) + head[12:]
    return (b'\x01\x00\x5e\x00\x00\x02' + b'\x02\x00\x00\x00\x00\x77' + b'\x08\x00' + head + body
            ).ljust(60, b'\0')


def ours(wire, kind):
    """Messages of this type from the router."""
    return [one for one in bodies([frame for frame in wire.frames if frame[1][6:12] == OURS])
            if one[3][0] == kind]


def read_by_tshark(frames, fields):
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        write_pcap(file.name, frames)
        command = ['tshark', '-n', '-r', file.name, '-T', 'fields', '-E', 'separator=|']
        for field in fields:
            command += ['-e', field]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr.strip()
        return [line.split('|') for line in done.stdout.splitlines()]


def judge(tap, wire):
    """tshark 4.0 knows these types by number only, so what stands in them is compared byte by
    byte with the format of RFC 4286; that a stranger understands them, the switch has shown."""
    with tap.case('tshark has no complaint; each of the three is what the RFC says'):
        frames = [frame for frame in wire.frames
                  if any(body[3][0] in (ADVERTISEMENT, TERMINATION) for body in bodies([frame]))]
        frames.append((frames[-1][0], solicitation('10.2.0.11')))
        equal(complaints(frames), [], 'complaints')
        rows = read_by_tshark(frames, ['igmp.type', 'ip.dst', 'ip.ttl', 'ip.dsfield', 'ip.opt.ra',
                                       'ip.len', 'igmp.data'])
        # Interval 180 s, query interval 2 s, robustness 2.
        expected = {'0x30': ['224.0.0.106', '1', '0xc0', '0', '32', 'b4cf4700020002'],
                    '0x31': ['224.0.0.2', '1', '0xc0', '0', '28', '00ceff'],
                    '0x32': ['224.0.0.106', '1', '0xc0', '0', '28', '00cdff']}
        equal({row[0] for row in rows}, set(expected), 'kinds')
        for row in rows:
            equal(row[1:], expected[row[0]], f'type {row[0]}')


def run(tap, lab):
    switch = lab.switches[1]
    wire = lab.wires['port'] = Wire(switch.space, 'router')
    with tap.case('three advertisements come within six seconds, and no query'):
        wait_for(lambda: len(ours(wire, ADVERTISEMENT)) == 3, 'three advertisements')
        equal(queries(wire.frames), [], 'queries')
    with tap.case('by them the switch knows the port towards the router'):
        equal(switch.router_ports(), {'router'}, 'router ports')
        assert ours(lab.wires['h1'], ADVERTISEMENT), 'the switch kept them to itself'
    with tap.case('show igmp interfaces says so'):
        row = lab.daemon.json('show', 'igmp', 'interfaces', 'lan1')[0]
        assert row['advertising'] and 170 < row['next_advertisement_seconds'] <= 185, row
    with tap.case('a solicitation is answered within two seconds'):
        before = time.time()
        wire.send(solicitation('10.2.0.11'))
        wait_for(lambda: len(ours(wire, ADVERTISEMENT)) == 4, 'the answer', 4.0)
        assert time.time() - before < 3.0, 'the answer came late'
        counters = lab.daemon.json('show', 'igmp', 'statistics', 'lan1')[0]['counters']
        equal(counters['messages']['router-solicitations'], 1, 'solicitations counted')
        equal(counters['sent']['sent-router-advertisements'], 4, 'advertisements counted')
    with tap.case('a router that stops says farewell'):
        equal(ours(wire, TERMINATION), [], 'terminations before')
        equal(lab.daemon.stop(), 0, 'exit code')
        wait_for(lambda: len(ours(wire, TERMINATION)) == 1, 'a termination', 2.0)
    judge(tap, wire)


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(1, switched={1: ('h1', 'h2')}, snooping=True, igmp_extra={1: EXTRA})
    try:
        run(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
