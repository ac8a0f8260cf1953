"""The worker and DPDK's testpmd on devices of the same kind, turn about on the same cores."""
import contextlib
import pathlib
import struct
import tempfile

from .programs import Server, Testpmd

SECONDS = 0.15


def write_capture(file):
    """512 times the packet that worker_bench replays."""
    head = bytes.fromhex('01005e010203' '020000000099' '0800'
                         '4500' '0032' '00000000' '4011' '0000' '0a000005' 'ef010203')
    total = sum(struct.unpack('!10H', head[14:34]))
    total = (total & 0xffff) + (total >> 16)
    frame = head[:24] + struct.pack('!H', ~total & 0xffff) + head[26:] + bytes(30)
    record = struct.pack('<4I', 0, 0, len(frame), len(frame)) + frame
    file.write_bytes(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + 512 * record)


def devices(capture, pairs):
    for n in range(pairs):
        yield f'net_pcap{n},infinite_rx=1,rx_pcap={capture}'
        yield f'net_null{n},no-rx=1'


def worker(build, figures, rounds):
    with contextlib.ExitStack() as stack:
        capture = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / 'one.pcap'
        write_capture(capture)
        ours = stack.enter_context(Server(build, 'worker_bench', 'serve'))
        io = stack.enter_context(Testpmd('io', devices(capture, 1)))
        macswap = stack.enter_context(Testpmd('macswap', devices(capture, 1)))
        both = stack.enter_context(Testpmd('io', devices(capture, 2), cores=(0, 1)))
        for _ in range(rounds):
            one = ours.rate(f'one {SECONDS * 1000:.0f}')
            alone = io.rate(SECONDS)
            figures.add('worker-fan1', one, 'Mpps', 'testpmd-io', alone)
            figures.add('worker-fan1', one, 'Mpps', 'testpmd-macswap', macswap.rate(SECONDS))
            two = ours.rate(f'two {SECONDS * 1000:.0f}')
            pair = both.rate(SECONDS)
            figures.add('worker-rate-1', one, 'Mpps', 'testpmd-io', alone)
            figures.add('worker-rate-2', two, 'Mpps', 'testpmd-io', pair)
            figures.add('worker-two-to-one', two / one, 'ratio', 'testpmd-io', pair / alone)
