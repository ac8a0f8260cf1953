#!/usr/bin/python3
"""FRR's pimd queries on the same links: who has the lower address asks, who is left takes over.

    src --- wan [router] lan1 .5 ---+--- h1        [router] lan2 .1 ---+--- h2
                          FRR .2 ---+                        FRR .9 ---+

On lan1 FRR wins, on lan2 we do. Each in turn is killed, and the other must ask within the
other-querier interval: 2 * 2 s + 1 s / 2 (RFC 9776 section 8.5; IGMP-16, IGMP-18).
"""
import signal
import sys
import time

import frr
from daemon import wait_for
from hosts import Member, Sender
from hosts_test import settle
from igmpwire import general, runs, specific
from judge import complaints
from lab import LAST_MEMBER_SECONDS, Lab
from netns import need_namespaces
from owner_test import CountedStream
from tap import Tap, equal, skip_all
from versions_test import flows, numbers, stops

SOURCE, GROUP, LEFT = '10.1.0.10', '239.10.1.1', '239.10.1.2'
OURS = {1: '10.2.0.5', 2: '10.3.0.1'}
FRR = {1: '10.2.0.2', 2: '10.3.0.9'}
PRESENT = 4.5
SLACK = 1.5


def shown(lab, number):
    return lab.daemon.json('show', 'igmp', 'interfaces', f'lan{number}')[0]


def frr_says(rival, number):
    return rival.interfaces().get(f'eth{number}', {})


def asked_by(lab, number, since):
    return {query.source for query in general(lab.wires[f'h{number}'].frames) if query.at > since}


def last_of(lab, number, source):
    return max(query.at for query in general(lab.wires[f'h{number}'].frames)
               if query.source == source)


def takes_over(tap, lab, number, loser, winner):
    """From the last query of the one that is gone to the first of the one that is left."""
    last = last_of(lab, number, loser)

    def first():
        return [query.at for query in general(lab.wires[f'h{number}'].frames)
                if query.source == winner and query.at > last]
    wait_for(first, f'{winner} asks', PRESENT + SLACK + 1)
    took = min(first()) - last
    tap.note(f'{winner} took over {took:.2f} s after the last query of {loser}')
    assert PRESENT - 0.3 < took < PRESENT + SLACK, f'{took:.2f} s, should be {PRESENT}'


def wait_elected(lab, rival):
    wait_for(lambda: shown(lab, 1)['querier'] == FRR[1], 'FRR is the querier of lan1')
    wait_for(lambda: frr_says(rival, 2).get('querierIp') == OURS[2]
             or not frr_says(rival, 2).get('querier', True), 'FRR hears us on lan2')


def case_elected(tap, lab, rival):
    with tap.case('the lower address is the querier, and both of us say so (IGMP-16)'):
        wait_elected(lab, rival)
        lost, won = shown(lab, 1), shown(lab, 2)
        equal((lost['role'], lost['querier'], lost['querier_version']), ('non-querier', FRR[1], 3))
        assert 0 < lost['other_querier_expires_seconds'] <= PRESENT, lost
        equal((lost['next_query_seconds'], lost['startup_queries_left']), (None, 0), 'our queries')
        equal((won['role'], won['querier']), ('querier', OURS[2]), 'lan2')
        equal(frr_says(rival, 1).get('querier'), True, 'FRR on lan1')
    with tap.case('nobody else asks (IGMP-19)'):
        since = time.time()
        settle(2 * 2 + 0.3)
        equal(asked_by(lab, 1, since), {FRR[1]}, 'who asked on lan1')
        equal(asked_by(lab, 2, since), {OURS[2]}, 'who asked on lan2')


def case_leave(tap, lab):
    with tap.case('FRR asks after a leave, and our stream ends with its last-member time (IGMP-93)'):
        wire, stream = lab.wires['h1'], CountedStream(Sender(lab.src, SOURCE), LEFT)
        member = Member(lab.h1, '10.2.0.10', LEFT)
        try:
            flows(wire, LEFT, SOURCE)
            member.leave()
            stops(wire, LEFT, SOURCE, LAST_MEMBER_SECONDS + SLACK)
            equal({query.source for query in specific(wire.frames, LEFT)}, {FRR[1]}, 'who asked')
        finally:
            stream.stop()
            member.close()


def case_frr_dies(tap, lab, rival):
    stream = CountedStream(Sender(lab.src, SOURCE), GROUP)
    member = Member(lab.h1, '10.2.0.10', GROUP)
    try:
        with tap.case('FRR is killed: we take over within the other-querier interval (IGMP-18)'):
            flows(lab.wires['h1'], GROUP, SOURCE)
            rival.kill()
            takes_over(tap, lab, 1, FRR[1], OURS[1])
            row = shown(lab, 1)
            equal((row['role'], row['querier']), ('querier', OURS[1]), 'lan1')
        with tap.case('FRR is back, and wins again; the stream went on through all of it'):
            rival.start()
            wait_elected(lab, rival)
            stream.stop()
            settle()
            equal(runs(numbers(lab.wires['h1'], GROUP, SOURCE))[0][1], stream.sent - 1, 'the last')
            equal(len(runs(numbers(lab.wires['h1'], GROUP, SOURCE))), 1, 'runs')
    finally:
        if stream.running:
            stream.stop()
        member.close()


def case_we_die(tap, lab, rival):
    with tap.case('we are killed: FRR takes over within the other-querier interval'):
        lab.daemon.process.send_signal(signal.SIGKILL)
        lab.daemon.process.wait()
        takes_over(tap, lab, 2, OURS[2], FRR[2])
        wait_for(lambda: frr_says(rival, 2).get('querier'), 'FRR says so')
        equal(last_of(lab, 1, FRR[1]) > last_of(lab, 1, OURS[1]), True, 'lan1 is still FRR\'s')
        lab.daemon.remove()
    with tap.case('we are back: the lower address wins lan2 again, and FRR keeps lan1'):
        lab.start()
        wait_for(lambda: asked_by(lab, 2, time.time() - 0.5) == {OURS[2]}, 'we ask on lan2')
        wait_elected(lab, rival)
        equal(shown(lab, 2)['role'], 'querier', 'lan2')


def main():
    need_namespaces()
    if why := frr.missing():
        skip_all(why)
    tap = Tap()
    lab, rival = Lab(2, (SOURCE,), switched={1: ('h1',), 2: ('h2',)}, hosts={1: 5}), None
    try:
        space = lab.space('frr')
        for number in (1, 2):
            lab.switches[number].plug(space, f'eth{number}', 'frr')
            space.exec('ip', 'address', 'add', f'{FRR[number]}/24', 'dev', f'eth{number}')
        rival = frr.Frr(space, ('eth1', 'eth2'))
        case_elected(tap, lab, rival)
        case_leave(tap, lab)
        case_frr_dies(tap, lab, rival)
        case_we_die(tap, lab, rival)
        with tap.case('tshark finds nothing wrong, neither with our packets nor with FRR\'s'):
            for role in ('h1', 'h2'):
                equal(complaints(list(lab.wires[role].frames)), [], f'complaints at {role}')
    finally:
        if rival is not None:
            rival.remove()
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
