#!/usr/bin/python3
"""Linux hosts that speak IGMPv1, v2 and v3 come, go and change their minds while streams run.

lan1 has two hosts on one link, the first of version 1; lan2 one of version 2, lan3 one of version 3.
We query with version 3, on lan2 with version 2.
"""
import sys
import time

from daemon import wait_for
from hosts import MCAST_EXCLUDE, MCAST_INCLUDE, Member, Sender, number_of
from hosts_test import last_arrival, settle
from igmpwire import queries, reports, runs, specific
from judge import complaints
from lab import LAST_MEMBER_SECONDS, Lab
from netns import need_namespaces
from owner_test import CountedStream
from tap import Tap, equal

SOURCE, OTHER = '10.1.0.10', '10.1.0.11'
# A version 1 host answers within 10 s, whatever we ask: lan1 must remember members longer than that.
# Robustness 5: membership 5 * 2 + 2 * 1 = 12 s, an older host counts as present for 11 s.
V1_MEMBERSHIP, V1_PRESENT = 12.0, 11.0
ROBUSTNESS = 5
UNSOLICITED_SECONDS = 0.1
SLACK = 1.5


def group_row(lab, interface, group):
    rows = lab.daemon.json('show', 'igmp', 'groups', interface, group)
    return rows[0] if rows else None


def compat(lab, interface, group):
    row = group_row(lab, interface, group)
    return row['compat'] if row else None


def numbers(wire, group, source):
    return [number_of(row[3]) for row in wire.datagrams() if row[:2] == (source, group)]


def flows(wire, group, source):
    before = len(numbers(wire, group, source))
    wait_for(lambda: len(numbers(wire, group, source)) > before + 10, f'{source} flows to {group}')


def stops(wire, group, source, seconds=LAST_MEMBER_SECONDS + SLACK):
    deadline = time.monotonic() + seconds
    while True:
        before = len(numbers(wire, group, source))
        settle(0.25)
        if len(numbers(wire, group, source)) == before:
            return
        assert time.monotonic() < deadline, f'{source} still flows to {group} after {seconds} s'


class Leaver:
    """A version 1 host leaves without a word; what was shown then says when its stream must end."""

    def __init__(self, lab, group):
        self.lab, self.group = lab, group
        self.stream = CountedStream(Sender(lab.src, SOURCE), group)
        self.member = Member(lab.old, '10.2.0.10', group)
        lab.wait_group(1, group, compat=1)
        flows(lab.wires['old'], group, SOURCE)

    def leave(self):
        self.member.leave()
        self.row = group_row(self.lab, 'lan1', self.group)
        self.left = time.time()

    def judge(self, tap):
        with tap.case('a v1 host that leaves in silence is forgotten when the countdown says'):
            assert 0 < self.row['v1_host_seconds'] <= V1_PRESENT, self.row
            assert self.row['v1_host_seconds'] < self.row['expires_seconds'] <= V1_MEMBERSHIP
            self.lab.wait_no_group(1, self.group, V1_MEMBERSHIP + SLACK)
            self.stream.stop()
            settle()
            stopped = last_arrival(self.lab.wires['old'], self.group) - self.left
            tap.note(f'stopped after {stopped:.2f} s, shown were {self.row["expires_seconds"]:.2f}')
            assert abs(stopped - self.row['expires_seconds']) < SLACK, 'not when it was said'
            equal(specific(self.lab.wires['old'].frames, self.group), [], 'queries for its group')
            equal(len(runs(numbers(self.lab.wires['old'], self.group, SOURCE))), 1, 'runs')
        self.member.close()


class Mixed:
    """On one link a v1 and a v3 host want the same group; the v3 host blocks a source."""

    def __init__(self, lab, group):
        self.lab, self.group = lab, group
        self.streams = [CountedStream(Sender(lab.src, source), group) for source in (SOURCE, OTHER)]
        self.old = Member(lab.old, '10.2.0.10', group)
        self.new = Member(lab.new, '10.2.0.11', group)
        lab.wait_group(1, group, compat=1)
        for source in (SOURCE, OTHER):
            flows(lab.wires['new'], group, source)

    def ignored(self, tap):
        with tap.case('beside a v1 host nobody may block a source (IGMP-52)'):
            # While the host still repeats that it joined, a source would go into that report.
            settle(ROBUSTNESS * UNSOLICITED_SECONDS + 0.1)
            self.new.block(OTHER)
            settle(LAST_MEMBER_SECONDS + 0.5)
            flows(self.lab.wires['new'], self.group, OTHER)
            equal(specific(self.lab.wires['new'].frames, self.group), [], 'queries for the group')
            counters = self.lab.daemon.json('show', 'igmp', 'statistics', 'lan1')[0]['counters']
            assert counters['records']['compatibility-ignored'] > 0, counters
            self.new.unblock(OTHER)
            self.old.leave()

    def judge(self, tap):
        with tap.case('when the v1 host is forgotten, version 3 is back, and sources are filtered'):
            wait_for(lambda: compat(self.lab, 'lan1', self.group) == 3, 'compatibility 3',
                     V1_PRESENT + SLACK)
            self.new.block(OTHER)
            stops(self.lab.wires['new'], self.group, OTHER)
            flows(self.lab.wires['new'], self.group, SOURCE)
            asked = specific(self.lab.wires['new'].frames, self.group)
            assert asked and all(query.sources == (OTHER,) for query in asked), asked
            for stream in self.streams:
                stream.stop()
            settle()
            for source in (SOURCE, OTHER):
                equal(len(runs(numbers(self.lab.wires['new'], self.group, source))), 1, source)
        self.old.close()
        self.new.close()


def case_v2(tap, lab):
    group, wire = '239.8.2.1', lab.wires['h2']
    with tap.case('a v2 host joins, leaves and joins again: each datagram once, and none between'):
        stream = CountedStream(Sender(lab.src, SOURCE), group)
        member = Member(lab.h2, '10.3.0.10', group)
        try:
            lab.wait_group(2, group, compat=2)
            flows(wire, group, SOURCE)
            member.leave()
            left = time.time()
            stops(wire, group, SOURCE)
            took = last_arrival(wire, group) - left
            tap.note(f'stopped {took * 1000:.0f} ms after the leave')
            assert took < LAST_MEMBER_SECONDS + SLACK, f'{took:.2f} s'
            asked = specific(wire.frames, group)
            equal([(query.sources, query.version) for query in asked], [((), 2)] * 2, 'queries')
            row = lab.daemon.json('show', 'igmp', 'interfaces', 'lan2')[0]
            equal((row['version'], row['querier_version'], row['configured']['version']),
                  (2, 2, 2), 'versions')
            member.close()
            member = Member(lab.h2, '10.3.0.10', group)
            flows(wire, group, SOURCE)
            stream.stop()
            settle()
            equal(len(runs(numbers(wire, group, SOURCE))), 2, 'runs of numbers')
        finally:
            if stream.running:
                stream.stop()
            member.close()


def case_v3(tap, lab):
    group, wire = '239.8.3.1', lab.wires['h3']
    streams = [CountedStream(Sender(lab.src, source), group) for source in (SOURCE, OTHER)]
    member = Member(lab.h3, '10.4.0.10', group, include=[SOURCE])

    def shown():
        return {(row['source'], row['state'])
                for row in lab.daemon.json('show', 'igmp', 'sources', 'lan3', group)}
    try:
        with tap.case('a v3 host includes a source, then two, then only the other'):
            flows(wire, group, SOURCE)
            equal(numbers(wire, group, OTHER), [], 'of the source that nobody wants')
            equal(shown(), {(SOURCE, 'forward')}, 'sources')
            member.want(MCAST_INCLUDE, [SOURCE, OTHER])
            flows(wire, group, OTHER)
            member.want(MCAST_INCLUDE, [OTHER])
            stops(wire, group, SOURCE)
            flows(wire, group, OTHER)
            equal(shown(), {(OTHER, 'forward')}, 'sources')
        with tap.case('it excludes a source, then none, then includes one again'):
            member.want(MCAST_EXCLUDE, [SOURCE])
            wait_for(lambda: (SOURCE, 'block') in shown(), 'the source is blocked')
            flows(wire, group, OTHER)
            equal(group_row(lab, 'lan3', group)['mode'], 'exclude', 'mode')
            member.want(MCAST_EXCLUDE, [])
            flows(wire, group, SOURCE)
            member.want(MCAST_INCLUDE, [SOURCE])
            stops(wire, group, OTHER)
            flows(wire, group, SOURCE)
            wait_for(lambda: group_row(lab, 'lan3', group)['mode'] == 'include', 'include mode')
        with tap.case('what was wanted throughout came throughout, each datagram once'):
            member.leave()
            stops(wire, group, SOURCE)
            lab.wait_no_group(3, group)
            for stream in streams:
                stream.stop()
            settle()
            equal(len(runs(numbers(wire, group, SOURCE))), 2, 'runs: before and after the exclusion')
            equal(len(runs(numbers(wire, group, OTHER))), 1, 'runs of the other')
            asked = specific(wire.frames, group)
            kinds = {(bool(query.sources), query.suppress) for query in asked}
            assert {(True, False), (False, False)} <= kinds, asked
    finally:
        for stream in streams:
            if stream.running:
                stream.stop()
        member.close()


def case_spoken(tap, lab):
    for role, kinds in (('new', {'v1'}), ('old', {'v3'})):
        with tap.case(f'the link heard {", ".join(kinds)} beside {role}'):
            heard = {said.kind for said in reports(lab.wires[role].frames)}
            assert kinds <= heard, heard
    with tap.case('we query with the version that is configured: older hosts do not change that'):
        for role, version in (('old', 3), ('new', 3), ('h2', 2), ('h3', 3)):
            equal({query.version for query in queries(lab.wires[role].frames)}, {version}, role)
    with tap.case('every packet is accounted for'):
        def balanced():
            books = lab.daemon.accounting()
            return books['difference'] == 0 and books['copy_difference'] == 0
        wait_for(balanced, 'differences are 0')
    for role, wire in lab.wires.items():
        with tap.case(f'tshark finds nothing wrong with what was sent to {role}'):
            equal(complaints(list(wire.frames)), [], 'complaints')


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(3, (SOURCE, OTHER), switched={1: ('old', 'new')},
              igmp_extra={1: f'robustness = {ROBUSTNESS}\n', 2: 'version = 2\n'})
    try:
        for space, version in ((lab.old, 1), (lab.h2, 2)):
            with space.entered():
                space.sysctl('ipv4/conf/eth0/force_igmp_version', version)
        with lab.new.entered():
            lab.new.sysctl('ipv4/conf/eth0/igmpv3_unsolicited_report_interval',
                           round(UNSOLICITED_SECONDS * 1000))
        # What has to wait for timers of version 1 waits while the others run.
        mixed, leaver = Mixed(lab, '239.8.1.2'), Leaver(lab, '239.8.1.1')
        mixed.ignored(tap)
        leaver.leave()
        case_v2(tap, lab)
        case_v3(tap, lab)
        mixed.judge(tap)
        leaver.judge(tap)
        case_spoken(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
