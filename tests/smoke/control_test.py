#!/usr/bin/python3
"""A host asks for and pings the router; every mcastctl command answers, as table and as JSON."""
import json
import os
import socket
import struct
import subprocess
import sys
import time

from daemon import ROUTER_MAC, wait_for
from hosts import Member, Sender
from hosts_test import checksum, send_all
from lab import Lab
from netns import need_namespaces
from tap import Tap, equal

SHOWS = ('status', 'config', 'ports', 'interfaces', 'groups', 'entries', 'memberships', 'owners',
         'alerts', 'events', 'drops', 'workers', 'igmp interfaces', 'igmp groups', 'igmp sources',
         'igmp statistics')
GROUP, SOURCE = '239.4.0.1', '10.1.0.10'


def echo(raw, number, size):
    body = struct.pack('!BBHHH', 8, 0, 0, 77, number) + bytes(i & 0xff for i in range(size))
    body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
    raw.sendto(body, ('10.2.0.1', 0))
    raw.settimeout(3)
    while True:
        answer = raw.recv(65535)
        head = 4 * (answer[0] & 15)
        if answer[head] == 0:
            return answer[head + 4:], body[4:]


def case_ping(tap, lab):
    with tap.case('the router answers ARP and ping'):
        with lab.h1.entered():
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        for number, size in enumerate((56, 0, 1400)):
            answer, asked = echo(raw, number, size)
            equal(answer, asked, 'identifier, sequence and data of the echo')
        raw.close()
        neighbours = lab.h1.exec('ip', 'neighbour', 'show', '10.2.0.1')
        assert ROUTER_MAC in neighbours, f'neighbours: {neighbours}'
    with tap.case('an address that is not the router\'s is not answered for'):
        with lab.h1.entered():
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.sendto(b'who is there', ('10.2.0.99', 9))
        time.sleep(0.5)
        probe.close()
        assert ROUTER_MAC not in lab.h1.exec('ip', 'neighbour', 'show', '10.2.0.99')


def case_commands(tap, lab):
    for what in SHOWS:
        with tap.case(f'show {what}, as table and as JSON'):
            for arguments in ((), ('-o', 'json')):
                done = lab.daemon.ctl('show', *what.split(), *arguments)
                equal(done.returncode, 0, done.stderr)
                assert done.stdout.strip(), 'said nothing'
            json.loads(done.stdout)
    with tap.case('explain says what happens to a stream, and why'):
        said = lab.daemon.json('explain', SOURCE, GROUP)
        outputs = [row['interface'] for row in said['interfaces'] if row['forwarded']]
        equal(outputs, ['lan1'], 'forwarded to')
        assert all(row['sentence'] for row in said['interfaces']), 'a sentence for each interface'
        done = lab.daemon.ctl('explain', SOURCE, GROUP)
        equal(done.returncode, 0, done.stderr)
        assert 'lan1' in done.stdout
    with tap.case('explain what arrives on the wrong interface'):
        said = lab.daemon.json('explain', SOURCE, GROUP, 'in', 'lan2')
        equal(said['verdict'], 'wrong_interface', 'verdict')
    with tap.case('the entry is shown with what it carried'):
        rows = [row for row in lab.daemon.json('show', 'entries') if row['group'] == GROUP]
        equal([(row['source'], row['arrival'], row['outputs'], row['state']) for row in rows],
              [(SOURCE, 'wan', ['lan1'], 'forwarding')], 'entries')
        wait_for(lambda: next(row['packets'] for row in lab.daemon.json('show', 'entries')
                              if row['group'] == GROUP) == 20, '20 packets are counted')
    with tap.case('a command that does not exist is refused with 1 or 64'):
        done = lab.daemon.ctl('show', 'dreams')
        assert done.returncode in (1, 64), done.returncode
        assert done.stderr, 'said nothing'
    with tap.case('no daemon: exit 2'):
        done = subprocess.run([lab.daemon.mcastctl, '--socket', '/nonexistent/ctl.sock', 'show',
                               'status'], capture_output=True, text=True)
        equal(done.returncode, 2, done.stderr)
    for arguments in (['--help'], ['show', '--help'], ['explain', '--help'], ['--version']):
        with tap.case(f'mcastctl {" ".join(arguments)}: exit 0'):
            done = subprocess.run([lab.daemon.mcastctl, *arguments], capture_output=True, text=True)
            equal(done.returncode, 0, done.stderr)
            assert done.stdout, 'said nothing'


def igmp_counters(lab, interface):
    return lab.daemon.json('show', 'igmp', 'statistics', interface)[0]['counters']


def case_clear(tap, lab, member, sender):
    with tap.case('a group that is cleared comes back: the host is asked at once'):
        lab.wires['h1'].frames.clear()
        done = lab.daemon.ctl('clear', 'igmp', 'groups', 'lan1', GROUP)
        equal((done.returncode, done.stdout[:22]), (0, '1 group forgotten on l'), done.stderr)
        # Within the response time of 1 s, although the next query may be 2 s away.
        lab.wait_group(1, GROUP)
        member.received()
        send_all(sender, GROUP, range(20, 25))
        wait_for(lambda: member.received(), 'the member is served again')
    with tap.case('statistics begin again, the books go on'):
        wait_for(lambda: igmp_counters(lab, 'lan1')['messages']['reports-v3'] > 0, 'reports')
        equal(lab.daemon.ctl('clear', 'igmp', 'statistics').returncode, 0)
        counters = igmp_counters(lab, 'lan1')
        assert counters['total']['received'] < 3, counters
        equal(counters['total']['received'], sum(counters['messages'].values())
              + sum(counters['refusals'].values()), 'received')
        books = lab.daemon.accounting()
        equal((books['difference'], books['copy_difference']), (0, 0), 'differences')
    with tap.case('clearing interfaces and querier asks the hosts; streams come back'):
        for what in ('querier', 'interfaces'):
            done = lab.daemon.json('clear', 'igmp', what, 'lan1')
            equal((done['cleared'], done['interfaces']), (what, ['lan1']), 'done')
        lab.wait_group(1, GROUP)
        row = lab.daemon.json('show', 'igmp', 'interfaces', 'lan1')[0]
        equal((row['role'], row['querier'], row['version']), ('querier', '10.2.0.1', 3), 'row')
    with tap.case('what cannot be cleared: exit 1 and a sentence'):
        for words, says in ((('groups', 'lan9'), "no interface 'lan9'"),
                            (('groups', 'wan'), 'IGMP does not run on wan'),
                            (('groups', '239.9.9.9'), 'no host has joined 239.9.9.9')):
            done = lab.daemon.ctl('clear', 'igmp', *words)
            equal(done.returncode, 1, done.stderr)
            assert says in done.stderr, done.stderr


def case_config(tap, lab):
    with tap.case('show config is a file that parses, to the same configuration'):
        path = os.path.join(lab.daemon.folder.name, 'again.toml')
        shown = lab.daemon.json('show', 'config')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(shown['toml'])
        done = subprocess.run([lab.daemon.mcastd, '--config', path, '--check'],
                              capture_output=True, text=True)
        equal(done.returncode, 0, done.stderr)


def main():
    need_namespaces()
    tap = Tap()
    lab = Lab(2)
    try:
        member, sender = Member(lab.h1, '10.2.0.10', GROUP), Sender(lab.src, SOURCE)
        lab.wait_group(1, GROUP)
        send_all(sender, GROUP, range(20))
        case_ping(tap, lab)
        case_commands(tap, lab)
        case_clear(tap, lab, member, sender)
        case_config(tap, lab)
        with tap.case('a second instance ends at the socket, before it touches a port: exit 73'):
            second = subprocess.run(['ip', 'netns', 'exec', lab.router.name, lab.daemon.mcastd,
                                     '--config', lab.daemon.config], capture_output=True, text=True,
                                    timeout=20)
            equal(second.returncode, 73, second.stderr)
            said = second.stderr.splitlines()
            equal(len(said), 1, second.stderr)
            assert 'another daemon answers' in said[0], said
            equal(lab.daemon.ctl('show', 'status').returncode, 0, 'the first one answers')
        with tap.case('SIGINT ends the daemon with 0, and its socket and folder are gone'):
            lab.daemon.process.send_signal(2)
            equal(lab.daemon.process.wait(10), 0, 'exit code')
            equal(os.path.exists(lab.daemon.socket), False, 'socket exists')
            equal(os.path.exists(f'/var/run/dpdk/{lab.daemon.instance}'), False, 'folder exists')
        member.close()
        sender.close()
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
