#!/usr/bin/python3
"""Ten groups by four sources to three receivers with different interests at once, by a model."""
import collections
import os
import random
import sys
import time

from daemon import wait_for
from hosts import Member, Sender, number_of
from judge import complaints
from lab import Lab
from netns import need_namespaces
from tap import Tap, equal

SOURCES = [f'10.1.0.{n}' for n in range(11, 15)]
GROUPS = [f'239.2.0.{n}' for n in range(1, 7)] + [f'232.2.0.{n}' for n in range(1, 5)]
RECEIVERS = (1, 2, 3)
COUNT = 5
# Settled filters: Linux says "exclude nobody" before it blocks; a last-member query ends that.
SETTLE_SECONDS = 1.5


def draw_interests(seed):
    """(receiver, group) -> ('none' | 'any' | 'include' | 'exclude', sources)."""
    dice = random.Random(seed)
    interests = {}
    for receiver in RECEIVERS:
        for group in GROUPS:
            kinds = ['none', 'include', 'include'] if group.startswith('232.') else [
                'none', 'any', 'include', 'exclude']
            kind = dice.choice(kinds)
            some = dice.sample(SOURCES, dice.randint(1, 3))
            interests[receiver, group] = (kind, some if kind in ('include', 'exclude') else [])
    return interests


def wants(interest, source):
    kind, sources = interest
    return {'none': False, 'any': True, 'include': source in sources,
            'exclude': source not in sources}[kind]


def join_all(lab, interests):
    members = []
    for (receiver, group), (kind, sources) in interests.items():
        if kind != 'none':
            members.append(Member(getattr(lab, f'h{receiver}'), f'10.{receiver + 1}.0.10', group,
                                  **({kind: sources} if sources else {})))
    return members


def settled(lab, interests):
    """Whether `show groups` says what the receivers want."""
    known = {(row['interface'], row['group']): row for row in lab.daemon.json('show', 'groups')}
    for (receiver, group), (kind, sources) in interests.items():
        row = known.get((f'lan{receiver}', group))
        if kind == 'none':
            if row is not None:
                return False
            continue
        if row is None or row['mode'] != ('include' if kind == 'include' else 'exclude'):
            return False
        if not set(sources) <= {one['source'] for one in row['sources']}:
            return False
    return True


def expected_of(interests, receiver):
    return collections.Counter({
        (source, group, number): 1 for source in SOURCES for group in GROUPS
        for number in range(COUNT) if wants(interests[receiver, group], source)})


def main():
    need_namespaces()
    tap = Tap()
    seed = int(os.environ.get('MCAST_SEED', random.randrange(1 << 31)))
    tap.note(f'MCAST_SEED={seed}')
    interests = draw_interests(seed)
    lab = Lab(len(RECEIVERS), SOURCES)
    try:
        with tap.case('the router knows all interests'):
            members = join_all(lab, interests)
            wait_for(lambda: settled(lab, interests), 'all memberships are known')
            time.sleep(SETTLE_SECONDS)
            assert settled(lab, interests), 'a membership went away'
        senders = [Sender(lab.src, source) for source in SOURCES]
        for number in range(COUNT):
            for group in GROUPS:
                for sender in senders:
                    sender.send(group, number)
                time.sleep(0.002)
        for receiver in RECEIVERS:
            with tap.case(f'receiver {receiver} gets what it wants, once, and nothing else'):
                wire, expected = lab.wires[f'h{receiver}'], expected_of(interests, receiver)
                wait_for(lambda: len(wire.datagrams()) >= expected.total(), 'all has arrived')
                time.sleep(0.3)
                got = collections.Counter(
                    (source, group, number_of(payload))
                    for source, group, _, payload in wire.datagrams())
                tap.note(f'{got.total()} datagrams')
                equal((got - expected, expected - got), (collections.Counter(),) * 2,
                      'too many, too few')
        with tap.case('every packet is accounted for'):
            books = lab.daemon.accounting()
            equal((books['difference'], books['copy_difference']), (0, 0), 'differences')
        for role, wire in lab.wires.items():
            with tap.case(f'tshark finds nothing wrong with what was sent to {role}'):
                equal(complaints(list(wire.frames)), [], 'complaints')
        for one in [*members, *senders]:
            (one.close if isinstance(one, Sender) else one.socket.close)()
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
