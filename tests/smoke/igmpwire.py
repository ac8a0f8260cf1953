"""IGMP messages among captured frames."""
import socket
from collections import namedtuple

Query = namedtuple('Query', 'at source destination group sources suppress version')
Said = namedtuple('Said', 'at source destination kind')

QUERY = 0x11
REPORTS = {0x12: 'v1', 0x16: 'v2', 0x17: 'leave', 0x22: 'v3'}


def bodies(frames):
    """(time, source, destination, IGMP message) of every frame that has one."""
    for at, frame in list(frames):
        if frame[12:14] == b'\x08\x00' and len(frame) > 34 and frame[23] == 2:
            start = 14 + 4 * (frame[14] & 15)
            end = 14 + int.from_bytes(frame[16:18], 'big')
            yield (at, socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]),
                   frame[start:end])


def queries(frames):
    found = []
    for at, source, destination, body in bodies(frames):
        if body[0] == QUERY:
            third = len(body) >= 12
            count = int.from_bytes(body[10:12], 'big') if third else 0
            found.append(Query(at, source, destination, socket.inet_ntoa(body[4:8]),
                               tuple(socket.inet_ntoa(body[12 + 4 * n:16 + 4 * n])
                                     for n in range(count)),
                               third and bool(body[8] & 8),
                               3 if third else 2 if body[1] else 1))
    return found


def general(frames):
    return [query for query in queries(frames) if query.group == '0.0.0.0']


def specific(frames, group):
    return [query for query in queries(frames) if query.group == group]


def reports(frames):
    return [Said(at, source, destination, REPORTS[body[0]])
            for at, source, destination, body in bodies(frames) if body[0] in REPORTS]


def runs(numbers):
    """[first, last] of each row of numbers without a gap; no number may come twice."""
    seen = sorted(numbers)
    assert len(seen) == len(set(seen)), f'{len(seen) - len(set(seen))} came twice'
    rows = []
    for number in seen:
        if rows and number == rows[-1][1] + 1:
            rows[-1][1] = number
        else:
            rows.append([number, number])
    return rows
