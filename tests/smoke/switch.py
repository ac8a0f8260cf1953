"""A Linux bridge, with or without IGMP snooping; each port has the name of who is plugged in."""
import json

from netns import veth


class Switch:
    def __init__(self, space, snooping):
        self.space = space
        space.exec('ip', 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', str(int(snooping)),
                   # A switch alone: no querier, no election, and the link's short last-member time.
                   'mcast_querier', '0', 'mcast_igmp_version', '3',
                   'mcast_last_member_interval', '20')
        space.exec('ip', 'link', 'set', 'br0', 'up')

    def plug(self, space, interface, port):
        veth(self.space, port, space, interface)
        self.space.exec('ip', 'link', 'set', port, 'master', 'br0')

    def _tables(self):
        return json.loads(self.space.exec('bridge', '-j', '-d', 'mdb', 'show'))[0]

    def members(self, group):
        """Ports that have joined the group, from whatever source."""
        return {row['port'] for row in self._tables()['mdb'] if row['grp'] == group}

    def sources(self, group, port):
        """(source, blocked) of the port's filter."""
        found = set()
        for row in self._tables()['mdb']:
            if (row['grp'], row['port']) == (group, port):
                if 'src' in row:
                    found.add((row['src'], 'blocked' in row.get('flags', [])))
        return found

    def router_ports(self):
        return {row['port'] for row in self._tables().get('router', {}).get('br0', [])}
