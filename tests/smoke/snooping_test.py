#!/usr/bin/python3
"""A switch that snoops (a Linux bridge, no querier itself) between the router and three hosts.

    src --- wan [router] lan1 --- [switch] --- h1, h2 (IGMPv2), h3

As RFC 4541 has it: our queries make the port towards us a router port and reach every host; reports
go to us alone (Linux floods 224.0.0.0/24, and with that reports of version 3 and leaves, which hurts
nobody); streams go to members alone. The switch relies on what our packets look like: one
with a wrong checksum, length or source would leave hosts without streams.
"""
import sys

from daemon import ROUTER_MAC, wait_for
from hosts import Member, Sender
from hosts_test import on_wire, settle
from igmpwire import general, queries, reports, runs, specific
from judge import complaints
from lab import Lab
from netns import need_namespaces
from owner_test import CountedStream
from tap import Tap, equal
from versions_test import OTHER, SOURCE, flows, numbers, stops

HOSTS = ('h1', 'h2', 'h3')
GROUP, CHANNEL = '239.9.1.1', '232.9.1.1'


def case_router_port(tap, lab, switch):
    with tap.case('our queries make the port towards us the router port, and reach every host'):
        wait_for(lambda: switch.router_ports() == {'router'}, 'the switch knows the router')
        for role in HOSTS:
            wait_for(lambda role=role: len(general(lab.wires[role].frames)) > 1, f'{role} is asked')
            equal({query.source for query in general(lab.wires[role].frames)}, {'10.2.0.1'}, role)
    # After the first query a switch gives hosts the response time before it stops flooding.
    settle(1.2)


def case_members(tap, lab, switch):
    stream = CountedStream(Sender(lab.src, SOURCE), GROUP)
    first, second = Member(lab.h1, '10.2.0.10', GROUP), None
    try:
        with tap.case('a stream goes to the port of its member alone'):
            lab.wait_group(1, GROUP, compat=3)
            flows(lab.wires['h1'], GROUP, SOURCE)
            equal(switch.members(GROUP), {'h1'}, 'members at the switch')
            for role in ('h2', 'h3'):
                equal(on_wire(lab.wires[role], GROUP), [], f'what {role} was sent')
        with tap.case('a second member is served too, and the first loses nothing'):
            second = Member(lab.h2, '10.2.0.11', GROUP)
            flows(lab.wires['h2'], GROUP, SOURCE)
            equal(switch.members(GROUP), {'h1', 'h2'}, 'members at the switch')
            lab.wait_group(1, GROUP, compat=2)
        with tap.case('one leaves: it is asked whether anybody stays, and the other is served on'):
            first.leave()
            stops(lab.wires['h1'], GROUP, SOURCE)
            flows(lab.wires['h2'], GROUP, SOURCE)
            equal(switch.members(GROUP), {'h2'}, 'members at the switch')
            assert specific(lab.wires['h2'].frames, GROUP), 'the one that stays was not asked'
        with tap.case('the last one leaves: nobody is served'):
            second.leave()
            stops(lab.wires['h2'], GROUP, SOURCE)
            lab.wait_no_group(1, GROUP)
            equal(switch.members(GROUP), set(), 'members at the switch')
        with tap.case('each member got each datagram once while it was one'):
            stream.stop()
            settle()
            for role in ('h1', 'h2'):
                equal(len(runs(numbers(lab.wires[role], GROUP, SOURCE))), 1, f'runs at {role}')
            equal(on_wire(lab.wires['h3'], GROUP), [], 'what h3 was sent')
    finally:
        if stream.running:
            stream.stop()
        for member in (first, second):
            if member:
                member.close()


def case_sources(tap, lab, switch):
    streams = [CountedStream(Sender(lab.src, source), CHANNEL) for source in (SOURCE, OTHER)]
    member = Member(lab.h3, '10.2.0.12', CHANNEL, include=[SOURCE])
    try:
        with tap.case('a v3 host includes one source: the switch has it, the other never comes'):
            flows(lab.wires['h3'], CHANNEL, SOURCE)
            equal(switch.sources(CHANNEL, 'h3'), {(SOURCE, False)}, 'filter at the switch')
            settle()
            for role in HOSTS:
                equal(numbers(lab.wires[role], CHANNEL, OTHER), [], f'the other at {role}')
            for role in ('h1', 'h2'):
                equal(on_wire(lab.wires[role], CHANNEL), [], f'what {role} was sent')
            member.leave()
            stops(lab.wires['h3'], CHANNEL, SOURCE)
            asked = [query for query in specific(lab.wires['h3'].frames, CHANNEL) if query.sources]
            assert asked and all(query.sources == (SOURCE,) for query in asked), asked
    finally:
        for stream in streams:
            stream.stop()
        member.close()


def case_reports(tap, lab):
    with tap.case('reports to groups went to us alone'):
        for role in HOSTS:
            kinds = {said.kind for said in reports(lab.wires[role].frames)}
            equal(kinds & {'v1', 'v2'}, set(), f'reports of others at {role}')
        counted = lab.daemon.json('show', 'igmp', 'statistics', 'lan1')[0]['counters']['messages']
        assert counted['reports-v2'] > 0 and counted['reports-v3'] > 0, counted
    with tap.case('the books balance, and tshark finds nothing wrong'):
        def balanced():
            books = lab.daemon.accounting()
            return books['difference'] == 0 and books['copy_difference'] == 0
        wait_for(balanced, 'differences are 0')
        ours = bytes.fromhex(ROUTER_MAC.replace(':', ''))
        for role in HOSTS:
            frames = [one for one in lab.wires[role].frames if one[1][6:12] == ours]
            assert queries(frames), 'none of ours was captured'
            equal(complaints(frames), [], f'complaints at {role}')


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(1, (SOURCE, OTHER), switched={1: HOSTS}, snooping=True)
    switch = lab.switches[1]
    try:
        with lab.h2.entered():
            lab.h2.sysctl('ipv4/conf/eth0/force_igmp_version', 2)
        case_router_port(tap, lab, switch)
        case_members(tap, lab, switch)
        case_sources(tap, lab, switch)
        case_reports(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
