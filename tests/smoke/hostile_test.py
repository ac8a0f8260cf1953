#!/usr/bin/python3
"""Truncated and hostile frames of every kind, and a thousand random ones, through a real port.

Every frame sent is counted as received, the books balance, and the daemon still forwards after it.
Fragments and cut VLAN tags are left out: the kernel keeps both to itself, whoever listens on an
af_packet port (the fan-out that DPDK asks for reassembles). Fragments are tested by captures.
"""
import os
import random
import struct
import sys

# scapy looks for a home folder and for routes when it is loaded; neither matters here.
from scapy.contrib.igmp import IGMP
from scapy.contrib.igmpv3 import IGMPv3, IGMPv3gr, IGMPv3mr
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether

from daemon import wait_for
from hosts import Member, Sender
from hosts_test import check_received, igmpv2_report, send_all
from lab import Lab
from netns import need_namespaces
from tap import Tap, equal

GROUP, SOURCE = '239.3.0.1', '10.1.0.10'
RANDOM_FRAMES = 1000
# So many are on their way at once: a worker may have to wait for its core.
BATCH = 200


def ether(group=GROUP, **fields):
    octets = [int(part) for part in group.split('.')]
    mac = '01:00:5e:%02x:%02x:%02x' % (octets[1] & 0x7f, octets[2], octets[3])
    return Ether(dst=fields.pop('dst', mac), src='02:00:0a:01:00:0a', **fields)


def datagram(**ip):
    fields = {'src': SOURCE, 'dst': GROUP, 'ttl': 8, **ip}
    return ether(fields['dst']) / IP(**fields) / UDP(sport=5000, dport=5000) / (b'x' * 26)


def igmp_frame(body, dst='224.0.0.22', proto=2):
    return bytes(ether(dst) / IP(src='10.1.0.77', dst=dst, ttl=1, proto=proto,
                                 options=[b'\x94\x04\0\0']) / body)


def with_checksum(body):
    total = sum(struct.unpack(f'!{len(body) // 2}H', body[:len(body) // 2 * 2]))
    if len(body) % 2:
        total += body[-1] << 8
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return body[:2] + struct.pack('!H', ~total & 0xffff) + body[4:]


def truncated(frame):
    return [frame[:length] for length in range(14, len(frame))]


def bad_headers():
    return [bytes(datagram(**fields)) for fields in (
        {'version': 0}, {'version': 5}, {'version': 6}, {'version': 15}, {'ihl': 0}, {'ihl': 4},
        {'ihl': 6}, {'ihl': 15}, {'len': 0}, {'len': 19}, {'len': 20}, {'len': 55},
        {'len': 65535}, {'chksum': 0}, {'chksum': 0xffff}, {'frag': 8191}, {'flags': 1},
        {'flags': 7, 'frag': 1}, {'ttl': 0}, {'ttl': 1}, {'proto': 255})]


def bad_addresses():
    sources = ['0.0.0.0', '0.1.2.3', '127.0.0.1', '169.254.1.1', '224.0.0.1', '239.1.1.1',
               '240.0.0.1', '255.255.255.255', '10.1.0.1', '10.2.0.1', '10.1.0.255', '8.8.8.8']
    groups = ['224.0.0.0', '224.0.0.1', '224.0.0.5', '224.0.0.251', '240.0.0.1',
              '255.255.255.255', '10.9.9.9', '0.0.0.0', '127.0.0.1']
    return ([bytes(datagram(src=source)) for source in sources] +
            [bytes(datagram(dst=group)) for group in groups] +
            [bytes(ether(dst='02:99:99:99:99:99') / datagram()[IP]),
             bytes(ether(dst='ff:ff:ff:ff:ff:ff') / datagram()[IP])])


def bad_options():
    options = [b'\x83\x07\x04\x0a\x01\x00\x01\0', b'\x89\x07\x04\x0a\x01\x00\x01\0',
               b'\x07\x00\0\0', b'\x07\x01\0\0', b'\x07\xff\x04\0', b'\x94\x00\0\0',
               b'\x44\x04\x05\0', b'\xff' * 40, b'\x01' * 40]
    frames = []
    for option in options:
        packet = datagram(ihl=5 + len(option) // 4, len=54 + len(option))
        raw = bytearray(bytes(packet)[:34] + option + bytes(packet)[34:])
        raw[24:26] = b'\0\0'
        raw[14:34 + len(option)] = fix_ip(bytes(raw[14:34 + len(option)]))
        frames.append(bytes(raw))
    return frames


def fix_ip(header):
    total = sum(struct.unpack(f'!{len(header) // 2}H', header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return header[:10] + struct.pack('!H', ~total & 0xffff) + header[12:]


def bad_igmp():
    report = bytes(IGMPv3(type=0x22) / IGMPv3mr(records=[
        IGMPv3gr(rtype=4, maddr=GROUP), IGMPv3gr(rtype=5, maddr='232.1.1.1', srcaddrs=[SOURCE])]))
    bodies = [report[:length] for length in range(len(report))]
    bodies += [with_checksum(report[:length]) for length in range(8, len(report))]
    for records, kind, aux, sources in ((0, 4, 0, 0), (65535, 4, 0, 0), (2, 4, 0, 0),
                                        (1, 0, 0, 0), (1, 7, 0, 0), (1, 255, 0, 0),
                                        (1, 4, 255, 0), (1, 5, 0, 65535), (1, 5, 255, 65535)):
        bodies.append(with_checksum(struct.pack('!BBHHHBBH4s', 0x22, 0, 0, 0, records, kind, aux,
                                                sources, bytes([239, 3, 0, 9]))))
    for kind in range(256):
        bodies.append(with_checksum(struct.pack('!BBH4s', kind, 0, 0, bytes([239, 3, 0, 9]))))
    for group in ('0.0.0.0', '10.0.0.1', '224.0.0.1', '224.0.0.22', '255.255.255.255'):
        bodies += [bytes(IGMP(type=kind, gaddr=group)) for kind in (0x11, 0x12, 0x16, 0x17)]
    return [igmp_frame(body) for body in bodies] + [igmp_frame(b''), igmp_frame(b'\x11')]


def odd_frames():
    plain = datagram()[IP]
    arp = ARP(op=1, psrc=SOURCE, pdst='10.1.0.1')
    return [
        bytes(ether() / Dot1Q(vlan=7) / plain), bytes(ether() / Dot1Q(vlan=0) / plain),
        bytes(ether() / Dot1Q(vlan=4095) / plain),
        bytes(ether() / Dot1Q(vlan=7) / Dot1Q(vlan=8) / plain),
        bytes(ether(type=0x8100)), bytes(ether(type=0x88a8)) + b'\0' * 20,
        bytes(ether(type=0x86dd)) + b'\x60' + b'\0' * 60, bytes(ether(type=0x9000)) + b'\0' * 46,
        bytes(ether(type=46)) + b'\0' * 46, b'\0' * 14, b'\xff' * 14, b'\xff' * 1514,
        *truncated(bytes(ether(dst='ff:ff:ff:ff:ff:ff') / arp)),
        bytes(ether(dst='ff:ff:ff:ff:ff:ff') / ARP(op=9)),
        bytes(ether(dst='ff:ff:ff:ff:ff:ff') / ARP(hwtype=6)),
        bytes(ether(dst='ff:ff:ff:ff:ff:ff') / ARP(hwlen=255, plen=255)),
        *truncated(bytes(ether(dst='02:00:00:00:00:01') / IP(src=SOURCE, dst='10.1.0.1')
                         / ICMP() / b'ping'))]


def reaches_the_port(frame):
    """What Linux does before a packet socket sees the frame."""
    if frame[12:14] in (b'\x81\x00', b'\x88\xa8'):
        if len(frame) < 20:
            return False
        frame = frame[:12] + frame[16:]
    packet = frame[14:]
    if frame[12:14] != b'\x08\x00' or len(packet) < 20 or packet[0] >> 4 != 4:
        return True
    header, total = 4 * (packet[0] & 15), struct.unpack('!H', packet[2:4])[0]
    if header < 20 or total < header or total > len(packet):
        return True
    return struct.unpack('!H', packet[6:8])[0] & 0x3fff == 0


def random_frames(seed):
    dice = random.Random(seed)
    models = [bytes(datagram()), *bad_igmp()[30:40], *odd_frames()[:4]]
    frames = []
    while len(frames) < RANDOM_FRAMES:
        if dice.random() < 0.3:
            head = b'\x01\x00\x5e\x03\x00\x01\x02\x00\x0a\x01\x00\x0a\x08\x00'
            frame = head + dice.randbytes(dice.randint(0, 200))
        else:
            changed = bytearray(dice.choice(models))
            for _ in range(dice.randint(1, 8)):
                changed[dice.randrange(12, len(changed))] = dice.randrange(256)
            whole = dice.random() < 0.7
            frame = bytes(changed if whole else changed[:dice.randint(14, len(changed))])
        if reaches_the_port(frame):
            frames.append(frame)
    return frames


def wait_received(lab, count):
    def arrived():
        assert lab.daemon.alive(), f'mcastd ended:\n{lab.daemon.log()}'
        return lab.daemon.accounting()['received'] >= count
    try:
        wait_for(arrived, 'all frames are received', every=0.01)
    except AssertionError as late:
        raise AssertionError(f'{count - lab.daemon.accounting()["received"]} frames are missing; '
                             f'{late}') from late


def case_hostile(tap, lab, name, frames):
    with tap.case(f'{name}: all counted, none fatal'):
        frames = [frame for frame in frames if reaches_the_port(frame)]
        # Whatever is good enough is forwarded to a member, as long as it keeps silent.
        count = lab.daemon.accounting()['received']
        lab.wires['h1'].send(igmpv2_report(GROUP))
        wait_received(lab, count + 1)
        lab.wait_group(1, GROUP)
        before = lab.daemon.accounting()
        for start in range(0, len(frames), BATCH):
            batch = frames[start:start + BATCH]
            for frame in batch:
                lab.wires['src'].send(frame)
            wait_received(lab, before['received'] + start + len(batch))
        wait_for(lambda: lab.daemon.accounting()['difference'] == 0, 'difference is 0')
        books = lab.daemon.accounting()
        equal(books['received'] - before['received'], len(frames), 'received')
        equal(books['copy_difference'], 0, 'copy difference')


def case_alive(tap, lab):
    with tap.case('still forwards afterwards'):
        group = '239.3.9.9'
        member, sender = Member(lab.h1, '10.2.0.10', group), Sender(lab.src, SOURCE)
        lab.wait_group(1, group)
        send_all(sender, group, range(20))
        check_received(member, sender, group, range(20))
        member.close()
        sender.close()
    with tap.case('no buffer is lost and SIGTERM ends with 0'):
        equal(lab.daemon.json('show', 'status')['mbuf_balance'], 0, 'mbuf balance')
        equal(lab.daemon.stop(), 0, 'exit code')


def main():
    need_namespaces()
    tap = Tap()
    seed = int(os.environ.get('MCAST_SEED', random.randrange(1 << 31)))
    tap.note(f'MCAST_SEED={seed}')
    lab = Lab(1)
    # The sender's own kernel stays silent, so that received can be compared exactly.
    lab.src.exec('ip', 'link', 'set', 'eth0', 'arp', 'off')
    try:
        case_hostile(tap, lab, 'truncated datagrams', truncated(bytes(datagram())))
        case_hostile(tap, lab, 'bad IPv4 headers', bad_headers())
        case_hostile(tap, lab, 'bad addresses', bad_addresses())
        case_hostile(tap, lab, 'bad options', bad_options())
        case_hostile(tap, lab, 'bad IGMP', bad_igmp())
        case_hostile(tap, lab, 'odd frames', odd_frames())
        case_hostile(tap, lab, f'random frames, seed {seed}', random_frames(seed))
        case_alive(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
