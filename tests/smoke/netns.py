"""Network namespaces, veth pairs and sockets within them. Everything made here is removed here."""
import contextlib
import ctypes
import itertools
import os
import subprocess

from tap import skip_all

LIBC = ctypes.CDLL('libc.so.6', use_errno=True)
CLONE_NEWNET = 0x40000000


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f'{" ".join(command)}: {done.stderr.strip()}'
    return done.stdout


def need_namespaces():
    """Ends the test as skipped where namespaces cannot be made."""
    if os.geteuid() != 0:
        skip_all('needs root')
    name = f'mcprobe{os.getpid()}'
    if subprocess.run(['ip', 'netns', 'add', name], capture_output=True).returncode != 0:
        skip_all('network namespaces cannot be made here')
    subprocess.run(['ip', 'netns', 'del', name], capture_output=True)


class Namespace:
    numbers = itertools.count()

    def __init__(self, role):
        self.name = f'mc{os.getpid()}-{next(self.numbers)}-{role}'
        run('ip', 'netns', 'add', self.name)
        with self.entered():
            self.sysctl('ipv6/conf/all/disable_ipv6', 1)
            self.sysctl('ipv6/conf/default/disable_ipv6', 1)
            # Streams come from networks that these hosts have no route to.
            self.sysctl('ipv4/conf/all/rp_filter', 0)
            self.sysctl('ipv4/conf/default/rp_filter', 0)
            self.sysctl('ipv4/igmp_max_memberships', 100)
            self.sysctl('ipv4/igmp_link_local_mcast_reports', 0)
            run('ip', 'link', 'set', 'lo', 'up')

    @contextlib.contextmanager
    def entered(self):
        """Sockets made within stay in the namespace. Only this thread moves."""
        home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        there = os.open(f'/run/netns/{self.name}', os.O_RDONLY)
        try:
            self._move(there)
            yield
        finally:
            self._move(home)
            os.close(home)
            os.close(there)

    @staticmethod
    def _move(descriptor):
        if LIBC.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')

    @staticmethod
    def sysctl(key, value):
        with contextlib.suppress(FileNotFoundError), open(f'/proc/sys/net/{key}', 'w') as knob:
            knob.write(str(value))

    def exec(self, *command):
        return run('ip', 'netns', 'exec', self.name, *command)

    def remove(self):
        subprocess.run(['ip', 'netns', 'del', self.name], capture_output=True)


def veth(router, router_if, host, host_if, mtu=1500):
    """A cable. Checksums are computed, so that a capture shows what would be on a wire."""
    run('ip', 'link', 'add', router_if, 'netns', router.name, 'type', 'veth',
        'peer', 'name', host_if, 'netns', host.name)
    for space, name in ((router, router_if), (host, host_if)):
        space.exec('ethtool', '-K', name, 'tx', 'off', 'rx', 'off', 'gro', 'off')
        space.exec('ip', 'link', 'set', name, 'mtu', str(mtu), 'up')
        with space.entered():
            space.sysctl(f'ipv4/conf/{name}/rp_filter', 0)
