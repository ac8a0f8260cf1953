#!/usr/bin/python3
"""Interfaces change hands on a running mcastd, with real hosts: who is a member notices nothing."""
import json
import signal
import subprocess
import sys
import threading
import time

from daemon import wait_for
from hosts import Member, Sender, number_of
from hosts_test import Stream, settle
from lab import Lab
from netns import need_namespaces
from tap import Tap, equal

GROUP, SOURCE = '239.6.0.1', '10.1.0.10'
ROUNDS = 10
# A permanent group on lan2, for the owner that comes back.
STATIC_GROUP = '239.6.0.2'


class CountedStream(Stream):
    """Knows how many datagrams it has sent."""

    def _send(self):
        self.sent = 0
        while self.running:
            self.sender.send(self.group, self.sent)
            self.sent += 1
            time.sleep(0.002)


def owner(lab, name):
    return next(row for row in lab.daemon.json('show', 'owners') if row['interface'] == name)


def change(lab, verb, name, protocol):
    done = lab.daemon.ctl('owner', verb, name, protocol, '--wait', '-o', 'json')
    equal(done.returncode, 0, done.stderr)
    said = json.loads(done.stdout)
    equal(said['complete'], True, 'complete')
    return said['ownership']


class Watch:
    """mcastctl watch in the background: its events, and its exit code when it is interrupted."""

    def __init__(self, lab, *words):
        self.process = subprocess.Popen(
            [lab.daemon.mcastctl, '--socket', lab.daemon.socket, 'watch', *words, '-o', 'json'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.events = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def kinds(self):
        return [event['kind'] for event in list(self.events)]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(10)
        self.thread.join()
        self.process.stdout.close()
        return code


def case_stream(tap, lab):
    member = Member(lab.h1, '10.2.0.10', GROUP)
    lab.wait_group(1, GROUP)
    watch = Watch(lab, 'owner')
    stream = CountedStream(Sender(lab.src, SOURCE), GROUP)
    got = []
    try:
        wait_for(lambda: got.extend(member.received()) or got, 'the stream flows')
        with tap.case(f'an owner comes and goes {ROUNDS} times beside IGMP'):
            equal(owner(lab, 'lan1')['state'], 'I', 'state before')
            for _ in range(ROUNDS):
                taken = change(lab, 'take', 'lan1', 'static')
                equal((taken['state'], taken['owner'], taken['igmp']), ('PI', 'static', 'gate open'),
                      'taken')
                released = change(lab, 'release', 'lan1', 'static')
                equal((released['state'], released['owner']), ('I', None), 'released')
        with tap.case('show owners tells the last hand-over'):
            row = owner(lab, 'lan1')
            equal(row['hand_overs'], 2 * ROUNDS, 'hand-overs')
            equal(row['last']['change'], 'released', 'the last one')
            assert 0 <= row['last']['published_seconds'] <= row['last']['ready_seconds'] < 10, row
            tap.note(f'the last took {row["last"]["ready_seconds"] * 1000:.2f} ms')
            assert lab.daemon.ctl('show', 'owners').returncode == 0
        with tap.case('watch told each step'):
            wait_for(lambda: watch.kinds().count('gate_opened') >= 2 * ROUNDS, 'all events came')
            equal(watch.kinds()[:4], ['taken', 'gate_closed', 'ready', 'gate_opened'], 'first four')
            equal(watch.stop(), 0, 'exit code of watch after an interrupt')
        with tap.case('the member got every datagram, once'):
            settle()
            stream.stop()
            wait_for(lambda: got.extend(member.received()) or len(got) >= stream.sent,
                     f'{stream.sent} datagrams', seconds=5)
            settle()
            got.extend(member.received())
            equal(sorted(number_of(payload) for _, _, payload in got), list(range(stream.sent)),
                  'numbers received')
            tap.note(f'{stream.sent} datagrams')
    finally:
        if stream.running:
            stream.stop()
        watch.stop()
        member.close()


def case_static(tap, lab):
    with tap.case('static groups go and come back with their owner'):
        def wanted():
            return [row['owner'] for row in
                    lab.daemon.json('show', 'memberships', 'lan2', STATIC_GROUP)]
        equal(wanted(), ['static'], 'at first')
        change(lab, 'release', 'lan2', 'static')
        equal(wanted(), [], 'released')
        change(lab, 'take', 'lan2', 'static')
        equal(wanted(), ['static'], 'taken back')


def case_igmp(tap, lab):
    with tap.case('IGMP leaves and returns: its members with it'):
        member, sender = Member(lab.h1, '10.2.0.10', GROUP), Sender(lab.src, SOURCE)
        lab.wait_group(1, GROUP)
        change(lab, 'release', 'lan1', 'igmp')
        wait_for(lambda: owner(lab, 'lan1')['state'] == 'U', 'nobody has lan1')
        sender.send(GROUP, 1)
        settle()
        equal(member.received(), [], 'received while IGMP is away')
        change(lab, 'take', 'lan1', 'igmp')
        lab.wait_group(1, GROUP)
        # The entry that refuses the stream has heard of the member.
        def arrives():
            sender.send(GROUP, 2)
            return member.received()
        wait_for(arrives, 'the member is served again')
        member.close()
        sender.close()


def case_refused(tap, lab):
    with tap.case('refusals: exit 1 and a sentence'):
        for words, says in ((('take', 'lan2', 'static'), 'static has lan2 already'),
                            (('release', 'wan', 'igmp'), 'igmp does not have wan'),
                            (('take', 'lan1', 'dvmrp'), 'the configuration has no [dvmrp]'),
                            (('take', 'lan1', 'ospf'), 'possible are: static, igmp, proxy, dvmrp'),
                            (('take', 'lan9', 'static'), "no interface 'lan9'")):
            done = lab.daemon.ctl('owner', *words)
            equal(done.returncode, 1, done.stderr)
            assert says in done.stderr, done.stderr
    with tap.case('IGMP was told of each gate'):
        told = {row['alert']: row['components'] for row in lab.daemon.json('show', 'alerts')}
        equal(told['gate_closed']['igmp'], told['gate_opened']['igmp'], 'gates closed and opened')
        assert told['gate_opened']['igmp'] >= 2 * ROUNDS, told


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(2, extra_config=f'[[group]]\ngroup = "{STATIC_GROUP}"\ninterface = "lan2"\n',
              owned={'lan2'})
    try:
        case_stream(tap, lab)
        case_static(tap, lab)
        case_igmp(tap, lab)
        case_refused(tap, lab)
        with tap.case('the accounting adds up'):
            sums = lab.daemon.accounting()
            equal((sums['difference'], sums['copy_difference']), (0, 0), 'differences')
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
