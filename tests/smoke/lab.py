"""The topology of the tests with real hosts.

                        router (mcastd)
    src --- wan 10.1.0.1/24 |         | lan1 10.2.0.1/24 --- h1
                            |         | lan2 10.3.0.1/24 --- h2
                            |         | lan3 10.4.0.1/24 --- h3

With switched={2: ('h2', 'guest')} a bridge stands between lan2 and two hosts, 10.3.0.10 and .11.
"""
from daemon import Daemon, wait_for
from hosts import Wire
from netns import Namespace, veth
from switch import Switch

# Short timers: queries every 2 s, hosts answer within 1 s, membership ends after 2 * 2 + 2 * 1 = 6 s,
# last-member time 2 * 0.2 = 0.4 s.
IGMP = '''
[interface.igmp]
query-interval = "2s"
query-response-interval = "1s"
last-member-query-interval = "200ms"
startup-query-interval = "500ms"
'''
MEMBERSHIP_SECONDS = 6.0
LAST_MEMBER_SECONDS = 0.4

BASE = '''
[memory]
hugepages = false
megabytes = 192
[workers]
cores = [1]
idle = "sleep"
[pools]
receive = 4095
headers = 2047
control = 1023
cache = 64
'''


def port(name, device, mtu=1500):
    return f'[[port]]\nname = "{name}"\ndevice = "{device}"\nmtu = {mtu}\n'


def interface(name, port_name, address, protocols='"igmp"', extra='', igmp_extra=''):
    igmp = IGMP + igmp_extra if 'igmp' in protocols else ''
    return (f'[[interface]]\nname = "{name}"\nport = "{port_name}"\naddress = "{address}"\n'
            f'protocols = [{protocols}]\n{extra}{igmp}')


class Lab:
    """Receivers are numbered from 1: host h1 has 10.2.0.10 on eth0, and so on."""

    def __init__(self, receivers, sources=('10.1.0.10',), extra_config='', owned=(),
                 switched=None, snooping=False, hosts=None, igmp_extra=None):
        """`owned`: receivers' interfaces that static owns, beside IGMP. By number of the receiver:
        `switched`, roles of hosts behind a bridge, which may snoop; `hosts`, what the router's
        address ends in when that is not .1; `igmp_extra`, lines of its IGMP section."""
        self.spaces, self.wires, self.switches, self.daemon = [], {}, {}, None
        self.switched, self.snooping = switched or {}, snooping
        self.hosts, self.igmp_extra = hosts or {}, igmp_extra or {}
        try:
            self._build(receivers, sources, extra_config, owned)
        except BaseException:
            self.remove()
            raise

    def _build(self, receivers, sources, extra_config, owned):
        self.router = self.space('router')
        config = BASE
        for number, role in enumerate(['src', *(f'h{i + 1}' for i in range(receivers))]):
            router_if = 'wan' if number == 0 else f'lan{number}'
            own = f'10.{number + 1}.0.{self.hosts.get(number, 1)}'
            if number in self.switched:
                self.switches[number] = Switch(self.space(f'sw{number}'), self.snooping)
                self.switches[number].plug(self.router, router_if, 'router')
            for place, host in enumerate(self.switched.get(number, (role,))):
                self._host(host, number, router_if, own,
                           sources if number == 0 else [f'10.{number + 1}.0.{10 + place}'])
            # Rings large enough for a worker that waits for its core on a busy machine.
            config += port(router_if, f'net_af_packet{number},iface={router_if},framecnt=4096')
            config += interface(router_if, router_if, f'{own}/24',
                                '"static"' if number == 0
                                else '"static", "igmp"' if router_if in owned else '"igmp"',
                                igmp_extra=self.igmp_extra.get(number, ''))
        self.config = config + extra_config
        self.start()

    def _host(self, role, number, router_if, router, addresses):
        space = self.space(role)
        setattr(self, role, space)
        if number in self.switches:
            self.switches[number].plug(space, 'eth0', role)
        else:
            veth(self.router, router_if, space, 'eth0')
        for address in addresses:
            space.exec('ip', 'address', 'add', f'{address}/24', 'dev', 'eth0')
        space.exec('ip', 'route', 'add', 'default', 'via', router)
        self.wires[role] = Wire(space, 'eth0')

    def start(self):
        self.daemon = Daemon(self.config, self.router)
        self.daemon.wait_ready()

    def space(self, role):
        space = Namespace(role)
        self.spaces.append(space)
        return space

    def wait_group(self, receiver, group, **members):
        wait_for(lambda: self.daemon.has_group(f'lan{receiver}', group, **members),
                 f'lan{receiver} knows a member of {group}')

    def wait_no_group(self, receiver, group, seconds=10.0):
        wait_for(lambda: not self.daemon.has_group(f'lan{receiver}', group),
                 f'lan{receiver} has no member of {group}', seconds)

    def remove(self):
        for wire in self.wires.values():
            wire.close()
        if self.daemon is not None:
            self.daemon.remove()
        for space in self.spaces:
            space.remove()
