"""Frames as text that a person can review: one a line, `[TIME] PORT HEX  # comment`.

HEX is in groups: destination MAC, source MAC, tag and type, IPv4 header, the rest.
"""


def parse(path, timed):
    """[(milliseconds or None, port, bytes)] in the order of the file."""
    rows = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            try:
                at = int(words.pop(0)) if timed else None
                rows.append((at, words[0], bytes.fromhex(''.join(words[1:]))))
            except (ValueError, IndexError) as error:
                raise AssertionError(f'{path}:{number}: {error}') from error
    return rows


def hex_of(frame):
    cuts = [0, 6, 12, 14]
    if frame[12:14] == b'\x81\x00':
        cuts.append(18)
    if frame[cuts[-1] - 2:cuts[-1]] == b'\x08\x00' and len(frame) > cuts[-1]:
        cuts.append(cuts[-1] + 4 * (frame[cuts[-1]] & 15))
    cuts.append(len(frame))
    return ' '.join(frame[a:b].hex() for a, b in zip(cuts, cuts[1:]) if a != b)


def describe(frame):
    # Loaded late: it takes half a second, and only rewriting needs it.
    from scapy.layers.inet import IP, UDP
    from scapy.layers.l2 import ARP, Dot1Q, Ether
    packet = Ether(frame)
    tag = f'vlan {packet[Dot1Q].vlan} ' if Dot1Q in packet else ''
    if ARP in packet:
        return f'{tag}ARP {packet[ARP].psrc} asks or answers {packet[ARP].pdst}'
    if IP not in packet:
        return f'{tag}type {packet.type:#06x}'
    ip = packet[IP]
    head = f'{tag}{ip.src} > {ip.dst} ttl {ip.ttl}'
    if ip.frag or ip.flags.MF:
        head += f' fragment at {ip.frag * 8}{" more" if ip.flags.MF else ""}'
    elif UDP in packet:
        # The length says where the payload ends and the padding begins.
        data = bytes(packet[UDP].payload)[:packet[UDP].len - 8]
        text = data.decode('ascii', 'replace')
        head += f' "{text if len(text) < 24 else f"{len(text)} bytes"}"'
    elif ip.proto == 2:
        body = bytes(ip.payload)
        head += f' IGMP type {body[0]:#04x}' if body else ' IGMP, empty'
    return head
