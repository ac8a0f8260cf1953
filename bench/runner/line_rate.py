"""Real NICs on paper: how many cores forward line rate, and what gives out first.

Takes the costs that scripts/bench measured; everything else is arithmetic, given below."""
import json
import math

SPEEDS = (10, 25, 100, 200)  # Gbit/s, of one output port; all outputs alike, one input
SIZES = (64, 512, 1518)      # frame with FCS
FAN_OUTS = (1, 4, 16)
GAP = 20  # preamble and gap between frames, bytes on the wire
# PCIe 4.0 x16: 256 Gbit/s of payload each way, less a tenth for headers of its packets; a descriptor
# of 16 bytes is read and written for each frame.
PCIE = 230.0
DESCRIPTOR = 16
# Eight channels of DDR4-3200, of which a copy job gets about three quarters.
MEMORY = 8 * 25.6 * 8 * 0.75
# A transmit queue of current NICs takes about so many frames a second, in millions.
QUEUE = 30.0


def costs(results):
    """fan-out -> nanoseconds for a packet with all its copies."""
    figures = json.loads((results / 'worker.json').read_text())['figures']
    return {fan_out: next(f['value'] for f in figures
                          if f['name'] == f'worker-copy-fan{fan_out}') * fan_out
            for fan_out in FAN_OUTS}


def line_rate(gigabits, size):
    """Million frames a second."""
    return gigabits * 1000 / ((size + GAP) * 8)


def limits(gigabits, size, fan_out):
    """What a port or the memory cannot do, whatever the cores."""
    rate = line_rate(gigabits, size)
    found = []
    if rate * (size + 2 * DESCRIPTOR) * 8 / 1000 > PCIE:
        found.append('PCIe')
    # In once, out once for each copy: the payload is shared, and read again by each port.
    if rate * size * 8 / 1000 * (1 + fan_out) > MEMORY:
        found.append('memory')
    if rate > QUEUE:
        found.append(f'{math.ceil(rate / QUEUE)} queues a port')
    return found


def rows(results):
    cost = costs(results)
    for gigabits in SPEEDS:
        for size in SIZES:
            rate = line_rate(gigabits, size)
            cells = []
            for fan_out in FAN_OUTS:
                cores = math.ceil(rate * cost[fan_out] / 1000)
                notes = limits(gigabits, size, fan_out)
                cells.append(f'{cores}{" (" + ", ".join(notes) + ")" if notes else ""}')
            yield f'| {gigabits} | {size} | {rate:.2f} | ' + ' | '.join(cells) + ' |'


def table(results):
    return '\n'.join(['| Gbit/s | frame | M frames/s in | cores, 1 output | cores, 4 outputs | '
                      'cores, 16 outputs |', '| ---: | ---: | ---: | --- | --- | --- |',
                      *rows(results)])
