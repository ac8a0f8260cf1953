#!/usr/bin/python3
"""IGMP proxying between a real router upstream and real Linux hosts downstream.

                 head (mcastd)                    proxy (mcastd)
    src --- in 10.1.0.1 | trunk 10.5.0.1 -- wan 10.5.0.2 |  lan1 10.2.0.1/24 --- h1 (IGMPv2)
                                                         |  lan2 10.3.0.1/24 --- h2
                                                         |  lan3 10.4.0.1/24 --- h3
"""
import subprocess
import sys
import tempfile
import time

from daemon import Daemon, wait_for
from hosts import Member, Sender, Wire, write_pcap
from judge import complaints
from lab import BASE, LAST_MEMBER_SECONDS, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Tap, equal

SOURCE, OTHER = '10.1.0.10', '10.1.0.11'
COUNT = 30
HEAD_MAC = '02:00:00:00:00:02'
SLACK = 3.0

HEAD = (BASE + port('in', 'net_af_packet0,iface=in,framecnt=4096')
        + port('trunk', 'net_af_packet1,iface=trunk,framecnt=4096')
        + interface('in', 'in', '10.1.0.1/24', '"static"'))
# Members downstream are seen by the proxy as sources, too.
BEHIND = '[[route]]\nprefix = "10.4.0.0/24"\ninterface = "trunk"\n'
PROXY = (BASE + port('wan', 'net_af_packet0,iface=wan,framecnt=4096')
         + '[[interface]]\nname = "wan"\nport = "wan"\naddress = "10.5.0.2/24"\nprotocols = []\n')


class ProxyLab:
    def __init__(self):
        self.spaces, self.daemons, self.wires = [], [], {}
        try:
            self._build()
        except BaseException:
            self.remove()
            raise

    def _build(self):
        self.head_space, self.proxy_space = self._space('head'), self._space('proxy')
        self.src = self._space('src')
        veth(self.head_space, 'in', self.src, 'eth0')
        for one in (SOURCE, OTHER):
            self.src.exec('ip', 'address', 'add', f'{one}/24', 'dev', 'eth0')
        self.src.exec('ip', 'route', 'add', 'default', 'via', '10.1.0.1')
        veth(self.head_space, 'trunk', self.proxy_space, 'wan')
        config = PROXY
        self.hosts = {}
        for n in (1, 2, 3):
            space = self.hosts[n] = self._space(f'h{n}')
            veth(self.proxy_space, f'lan{n}', space, 'eth0')
            space.exec('ip', 'address', 'add', f'10.{n + 1}.0.10/24', 'dev', 'eth0')
            space.exec('ip', 'route', 'add', 'default', 'via', f'10.{n + 1}.0.1')
            config += port(f'lan{n}', f'net_af_packet{n},iface=lan{n},framecnt=4096')
            config += interface(f'lan{n}', f'lan{n}', f'10.{n + 1}.0.1/24')
            self.wires[f'h{n}'] = Wire(space, 'eth0')
        with self.hosts[1].entered():
            self.hosts[1].sysctl('ipv4/conf/eth0/force_igmp_version', 2)
        # What the proxy sends upstream, and what the head sends down to it.
        self.wires['up'] = Wire(self.head_space, 'trunk')
        self.wires['down'] = Wire(self.proxy_space, 'wan')
        self.start_head(3)
        self.proxy = self._daemon(
            config + '[proxy]\nupstream = "wan"\ndownstream = ["lan1", "lan2", "lan3"]\n',
            self.proxy_space)

    def start_head(self, version):
        trunk = interface('trunk', 'trunk', '10.5.0.1/24', '"static", "igmp"')
        self.head = self._daemon(HEAD + trunk + f'version = {version}\n' + BEHIND, self.head_space,
                                 router_mac=HEAD_MAC)

    def _space(self, role):
        self.spaces.append(Namespace(role))
        return self.spaces[-1]

    def _daemon(self, config, space, **how):
        daemon = Daemon(config, space, **how)
        self.daemons.append(daemon)
        daemon.wait_ready()
        return daemon

    def member(self, host, group, **sources):
        return Member(self.hosts[host], f'10.{host + 1}.0.10', group, **sources)

    def at_head(self, group):
        """(mode, {source: state}) of the group on the head's link; None when nobody is there."""
        for row in self.head.json('show', 'groups'):
            if row['interface'] == 'trunk' and row['group'] == group:
                return row['mode'], {one['source']: one['state'] for one in row['sources']}
        return None

    def wait_at_head(self, group, state, what, seconds=15.0):
        try:
            wait_for(lambda: self.at_head(group) == state, what, seconds)
        except AssertionError as error:
            raise AssertionError(f'{error}: {self.at_head(group)}') from error

    def wait_at_proxy(self, group, interface_name, **members):
        wait_for(lambda: self.proxy.has_group(interface_name, group, **members),
                 f'{interface_name} knows a member of {group}')

    def on_wire(self, wire, group):
        return [row for row in self.wires[wire].datagrams() if row[1] == group]

    def remove(self):
        for wire in self.wires.values():
            wire.close()
        for daemon in self.daemons:
            daemon.remove()
        for space in self.spaces:
            space.remove()


def send_all(sender, group, numbers):
    for number in numbers:
        sender.send(group, number)
        time.sleep(0.001)


def wait_all(lab, wire, group, count=COUNT):
    wait_for(lambda: len(lab.on_wire(wire, group)) >= count, f'{count} of {group} came to {wire}')
    time.sleep(0.3)
    equal(len(lab.on_wire(wire, group)), count, f'datagrams of {group} at {wire}')


def case_version2(tap, lab):
    with tap.case('an IGMPv2 member downstream: any source is asked for upstream, and comes'):
        group = '239.1.1.1'
        member, sender = lab.member(1, group), Sender(lab.src, SOURCE)
        lab.wait_at_head(group, ('exclude', {}), 'the head knows the group')
        lab.wait_at_proxy(group, 'lan1', compat=2)
        send_all(sender, group, range(COUNT))
        wait_all(lab, 'h1', group)
        equal(lab.on_wire('h2', group), [], 'what h2 was sent')
        member.leave()
        left = time.time()
        lab.wait_at_head(group, None, 'the leave has reached the head')
        took = time.time() - left
        tap.note(f'gone at the head after {took * 1000:.0f} ms')
        # Last-member times of two routers in a row.
        assert took < 2 * LAST_MEMBER_SECONDS + SLACK, f'took {took:.2f} s'
        send_all(sender, group, range(COUNT))
        time.sleep(0.3)
        equal(len(lab.on_wire('down', group)), COUNT, 'datagrams on the link')
        member.close()
        sender.close()


def case_include(tap, lab):
    with tap.case('an IGMPv3 include member: the head sends that source alone'):
        group = '232.1.1.9'
        member = lab.member(2, group, include=[SOURCE])
        wanted, other = Sender(lab.src, SOURCE), Sender(lab.src, OTHER)
        lab.wait_at_head(group, ('include', {SOURCE: 'forward'}), 'the head knows the source')
        lab.wait_at_proxy(group, 'lan2', mode='include')
        send_all(other, group, range(COUNT))
        send_all(wanted, group, range(COUNT))
        wait_all(lab, 'h2', group)
        equal({row[0] for row in lab.on_wire('down', group)}, {SOURCE}, 'sources on the link')
        member.close()
        lab.wait_at_head(group, None, 'the leave has reached the head')
        wanted.close()
        other.close()


def case_exclude(tap, lab):
    group = '239.1.1.9'
    all_but_other = ('exclude', {OTHER: 'block'})
    wanted, other = Sender(lab.src, SOURCE), Sender(lab.src, OTHER)
    with tap.case('an IGMPv3 exclude member: the head holds back that source'):
        member = lab.member(2, group, exclude=[OTHER])
        lab.wait_at_head(group, all_but_other, 'the head excludes the source')
        send_all(other, group, range(COUNT))
        send_all(wanted, group, range(COUNT))
        wait_all(lab, 'h2', group)
        equal({row[0] for row in lab.on_wire('down', group)}, {SOURCE}, 'sources on the link')
    with tap.case('another link that includes the source makes the head send it, to that link'):
        second = lab.member(3, group, include=[OTHER])
        lab.wait_at_proxy(group, 'lan3', mode='include')
        wait_for(lambda: lab.at_head(group) in (('exclude', {}),
                                                ('exclude', {OTHER: 'forward'})),
                 'the head excludes nothing')
        send_all(other, group, range(COUNT))
        wait_all(lab, 'h3', group)
        equal({row[0] for row in lab.on_wire('h2', group)}, {SOURCE}, 'sources at h2')
    with tap.case('and when it has left, the source is excluded again'):
        second.close()
        lab.wait_at_head(group, all_but_other, 'the head excludes the source again')
        member.close()
        lab.wait_at_head(group, None, 'the last leave has reached the head')
    wanted.close()
    other.close()


def case_upward(tap, lab):
    with tap.case('a source downstream is sent upstream, wanted or not, and to other members'):
        group, unwanted = '239.1.2.1', '239.1.2.2'
        member, sender = lab.member(2, group), Sender(lab.hosts[3], '10.4.0.10')
        lab.wait_at_proxy(group, 'lan2')
        send_all(sender, group, range(COUNT))
        send_all(sender, unwanted, range(COUNT))
        wait_all(lab, 'h2', group)
        wait_all(lab, 'up', group)
        wait_all(lab, 'up', unwanted)
        equal(lab.on_wire('h1', group) + lab.on_wire('h3', group), [], 'sent to nobody else')
        member.close()
        sender.close()


def case_hand_over(tap, lab):
    with tap.case('a downstream interface changes hands; the head hears of no leave'):
        group = '239.1.3.1'
        member, sender = lab.member(2, group), Sender(lab.src, SOURCE)
        lab.wait_at_head(group, ('exclude', {}), 'the head knows the group')
        lab.wait_at_proxy(group, 'lan2')
        for number, verb in enumerate(('release', 'take')):
            done = lab.proxy.ctl('owner', verb, 'lan2', 'proxy', '--wait')
            equal(done.returncode, 0, f'{verb}: {done.stderr}')
            send_all(sender, group, range(COUNT))
            wait_all(lab, 'h2', group, COUNT * (number + 1))
            equal(lab.at_head(group), ('exclude', {}), f'at the head after {verb}')
        member.close()
        sender.close()


def case_shown(tap, lab):
    with tap.case('show proxy and show proxy-groups say so, to people and programs'):
        group = '239.1.4.1'
        member = lab.member(2, group)
        lab.wait_at_head(group, ('exclude', {}), 'the head knows the group')
        upstream = lab.proxy.json('show', 'proxy')['upstream']
        equal((upstream['version'], upstream['querier']['address']), (3, '10.5.0.1'), 'upstream')
        groups = {row['group']: row['filter'] for row in lab.proxy.json('show', 'proxy-groups')}
        equal(groups.get(group), 'exclude', 'filter')
        for page, word in (('proxy', '10.5.0.1'), ('proxy-groups', group)):
            text = lab.proxy.ctl('show', page).stdout
            assert word in text, text
        member.close()
        lab.wait_at_head(group, None, 'the leave has reached the head')


def case_old_head(tap, lab):
    with tap.case('a head that speaks version 2 gets its reports and leaves'):
        equal(lab.head.stop(), 0, 'exit code of the head')
        lab.start_head(2)
        wait_for(lambda: lab.proxy.json('show', 'proxy')['upstream']['version'] == 2,
                 'the proxy speaks version 2', 15)
        group = '239.1.5.1'
        member, sender = lab.member(2, group, exclude=[OTHER]), Sender(lab.src, SOURCE)
        wait_for(lambda: lab.head.has_group('trunk', group, compat=2), 'the head knows the group')
        lab.wait_at_proxy(group, 'lan2')
        send_all(sender, group, range(COUNT))
        wait_all(lab, 'h2', group)
        member.close()
        lab.wait_at_head(group, None, 'the leave has reached the head',
                         2 * LAST_MEMBER_SECONDS + SLACK)
        counters = lab.proxy.json('show', 'proxy')['upstream']['counters']
        assert counters['sent-leaves'] >= 1 and counters['sent-reports-v2'] >= 1, counters
        sender.close()


def igmp_fields(frames):
    """(TTL, TOS, Router Alert, type) of every IGMP frame, as tshark reads them."""
    with tempfile.NamedTemporaryFile(suffix='.pcap') as file:
        write_pcap(file.name, frames)
        done = subprocess.run(
            ['tshark', '-n', '-r', file.name, '-Y', 'igmp', '-T', 'fields', '-e', 'ip.ttl', '-e',
             'ip.dsfield', '-e', 'ip.opt.ra', '-e', 'igmp.type'],
            capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr.strip()
        return {tuple(line.split('\t')) for line in done.stdout.splitlines()}


def case_judge(tap, lab):
    with tap.case('all IGMP upstream is reports with TTL 1, TOS 0xC0 and Router Alert'):
        got = igmp_fields(list(lab.wires['up'].frames))
        equal(got, {('1', '0xc0', '0', kind) for kind in ('0x16', '0x17', '0x22')}, 'fields')
    for role, wire in lab.wires.items():
        with tap.case(f'tshark finds nothing wrong with what was sent to {role}'):
            frames = list(wire.frames)
            assert frames, 'nothing was captured'
            tap.note(f'{len(frames)} frames')
            equal(complaints(frames), [], 'complaints')


def ends_in_order(tap, lab, name):
    with tap.case(f'every packet of the {name} is accounted for, and it ends with 0'):
        daemon = getattr(lab, name)

        def balanced():
            books = daemon.accounting()
            return books['difference'] == 0 and books['copy_difference'] == 0
        wait_for(balanced, 'differences are 0')
        equal(daemon.stop(), 0, 'exit code')


def case_end(tap, lab):
    group = '239.1.9.9'
    member = lab.member(2, group)
    try:
        lab.wait_at_head(group, ('exclude', {}), 'the head knows the group')
        ends_in_order(tap, lab, 'proxy')
        with tap.case('upstream hears at once that a proxy which stops wants nothing any more'):
            # Without a farewell the membership would last its 6 s.
            wait_for(lambda: lab.at_head(group) is None, 'the group is gone', 2.0)
        ends_in_order(tap, lab, 'head')
    finally:
        member.close()


def main():
    need_namespaces()
    tap = Tap()
    lab = ProxyLab()
    try:
        for case in (case_version2, case_include, case_exclude, case_upward, case_hand_over,
                     case_shown, case_old_head, case_judge, case_end):
            case(tap, lab)
    finally:
        lab.remove()
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
