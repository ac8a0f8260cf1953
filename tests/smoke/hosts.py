"""What Linux hosts do: join with ordinary sockets, send numbered datagrams, listen on the wire."""
import socket
import struct
import threading
import time

PORT = 5000
IP_ADD_SOURCE_MEMBERSHIP = 39
IP_UNBLOCK_SOURCE = 37
IP_BLOCK_SOURCE = 38
IP_MSFILTER = 41
MCAST_EXCLUDE, MCAST_INCLUDE = 0, 1
IP_MULTICAST_ALL = 49
PACKET_OUTGOING = 4
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 0x10
IP_RECVTTL = 12
SO_RCVBUFFORCE = 33


def address(text):
    return socket.inet_aton(text)


class Member:
    """One socket, one group on one interface; what it received, as (sender, ttl, payload)."""

    def __init__(self, namespace, own_address, group, include=(), exclude=()):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.group, self.own = group, own_address
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
        self.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        self.socket.bind((group, PORT))
        self.socket.setblocking(False)
        plain = address(group) + address(own_address)
        if include:
            for source in include:
                # struct ip_mreq_source: group, interface, source
                self._set(IP_ADD_SOURCE_MEMBERSHIP, plain + address(source))
        else:
            self._set(socket.IP_ADD_MEMBERSHIP, plain)
            for source in exclude:
                self._set(IP_BLOCK_SOURCE, plain + address(source))

    def _set(self, option, value):
        self.socket.setsockopt(socket.IPPROTO_IP, option, value)

    def received(self):
        """What arrived since the last call."""
        result = []
        while True:
            try:
                payload, extra, _, sender = self.socket.recvmsg(65535, 64)
            except BlockingIOError:
                return result
            ttl = next(struct.unpack('i', data[:4])[0] for level, kind, data in extra
                       if level == socket.IPPROTO_IP and kind == socket.IP_TTL)
            result.append((sender[0], ttl, payload))

    def block(self, source):
        self._set(IP_BLOCK_SOURCE, address(self.group) + address(self.own) + address(source))

    def unblock(self, source):
        self._set(IP_UNBLOCK_SOURCE, address(self.group) + address(self.own) + address(source))

    def want(self, mode, sources):
        """The whole filter at once: struct ip_msfilter."""
        self._set(IP_MSFILTER, address(self.group) + address(self.own)
                  + struct.pack('=II', mode, len(sources)) + b''.join(map(address, sources)))

    def leave(self):
        self._set(socket.IP_DROP_MEMBERSHIP, address(self.group) + address(self.own))

    def close(self):
        self.socket.close()


class Sender:
    def __init__(self, namespace, source, ttl=8):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Several streams of one source at a time.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address(source))
        self.socket.bind((source, PORT))
        self.source = source

    def send(self, group, number, size=100):
        self.socket.sendto(payload_of(self.source, group, number, size), (group, PORT))

    def close(self):
        self.socket.close()


def payload_of(source, group, number, size=100):
    head = f'{source} {group} {number} '.encode()
    return head + bytes((number + i) & 0xff for i in range(size - len(head)))


def number_of(payload):
    return int(payload.split(b' ')[2])


def with_tag(frame, extra):
    """The kernel hands a VLAN tag over beside the frame; here it is back in its place."""
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tag, protocol = struct.unpack('=IIIHHHH', data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack('!HH', protocol, tag) + frame[12:]
    return frame


class Wire:
    """All frames that arrive at a host's interface, collected by a thread until close()."""

    def __init__(self, namespace, interface):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
            self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            self.socket.bind((interface, ETH_P_ALL))
        self.socket.settimeout(0.1)
        self.frames = []  # (time, bytes)
        self.running = True
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while self.running:
            try:
                frame, extra, _, sender = self.socket.recvmsg(65535, 64)
            except TimeoutError:
                continue
            if sender[2] != PACKET_OUTGOING:
                self.frames.append((time.time(), with_tag(frame, extra)))

    def datagrams(self, vlan=None):
        """(source, group, ttl, payload) of every UDP datagram to PORT so far, in order."""
        result = []
        tag = b'' if vlan is None else struct.pack('!HH', 0x8100, vlan)
        for _, frame in list(self.frames):
            if not frame.startswith(tag, 12):
                continue
            frame = frame[:12] + frame[12 + len(tag):]
            if frame[12:14] != b'\x08\x00' or frame[23] != 17:
                continue
            start = 14 + 4 * (frame[14] & 15)
            if struct.unpack('!H', frame[start + 2:start + 4])[0] != PORT:
                continue
            end = 14 + struct.unpack('!H', frame[16:18])[0]
            result.append((socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]),
                           frame[22], frame[start + 8:end]))
        return result

    def send(self, frame):
        self.socket.send(frame)

    def close(self):
        self.running = False
        self.thread.join()
        self.socket.close()


def write_pcap(path, frames):
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, frame in frames:
            seconds = int(at)
            file.write(struct.pack('<IIII', seconds, round((at - seconds) * 1e6) % 1000000,
                                   len(frame), len(frame)))
            file.write(frame)


def read_pcap(path):
    """Frames of a little-endian capture file with any time stamps."""
    frames = []
    with open(path, 'rb') as file:
        magic = file.read(24)[:4]
        assert magic in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1'), f'{path}: not a capture'
        while head := file.read(16):
            seconds, part, length, _ = struct.unpack('<IIII', head)
            frames.append((seconds + part * 1e-6, file.read(length)))
    return frames
