"""The worker and the kernel's own multicast router, turn about on one core.

smcrouted gives the kernel its routes; then packets go into a veth pair and out of others, in network
namespaces of this run alone. The kernel does its work on the core of the sender, so the time of a
round is the cost of its copies, which the kernel counts. It is the wall's time: the kernel's share of
a core cannot be told from other work there.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from .figure import BenchFailed
from .programs import Conversation, Server

FAN_OUTS = (1, 4, 16)
COPIES = 60_000  # of the kernel, in one round, about
MILLISECONDS = 60


def missing():
    """Why the kernel cannot be measured here; nothing when it can."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    for program, package in (('smcrouted', 'smcroute'), ('ip', 'iproute2')):
        if shutil.which(program) is None:
            return f'{program}: not installed (package {package})'
    return ''


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchFailed(f'{" ".join(command)}: {done.stderr.strip()}')
    return done.stdout


def group_of(fan_out):
    return f'239.1.2.{fan_out}'


class KernelRouter(contextlib.AbstractContextManager):
    """Two namespaces: the router, and the network around it."""

    def __init__(self, build):
        self.router, self.around = f'bench{os.getpid()}r', f'bench{os.getpid()}a'
        self.stack = contextlib.ExitStack()
        with self.stack:
            for name in (self.router, self.around):
                run('ip', 'netns', 'add', name)
                self.stack.callback(subprocess.run, ['ip', 'netns', 'del', name])
            self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
            self.lay_links()
            self.route()
            self.sender = self.stack.enter_context(Conversation(
                ['ip', 'netns', 'exec', self.around, 'taskset', '-c', '0',
                 build / 'bench' / 'kernel_sender', 'source'], 'kernel_sender'))
            self.sender.hear('^ready')
            self.stack = self.stack.pop_all()

    def __exit__(self, *_):
        self.stack.close()

    def inside(self, *command):
        return run('ip', 'netns', 'exec', self.router, *command)

    def lay_links(self):
        links = [('in', 'source', '10.0.0.1')] + [
            (f'out{n}', f'sink{n}', f'10.1.{n}.1') for n in range(1, max(FAN_OUTS) + 1)]
        for here, there, address in links:
            run('ip', 'link', 'add', here, 'netns', self.router, 'type', 'veth',
                'peer', 'name', there, 'netns', self.around)
            run('ip', '-n', self.router, 'address', 'add', f'{address}/24', 'dev', here)
            for name, interface in ((self.router, here), (self.around, there)):
                run('ip', 'netns', 'exec', name, 'sysctl', '-qw',
                    f'net.ipv6.conf.{interface}.disable_ipv6=1')
                run('ip', '-n', name, 'link', 'set', interface, 'up', 'multicast', 'on')

    def route(self):
        outputs = [f'out{n}' for n in range(1, max(FAN_OUTS) + 1)]
        lines = [f'phyint {name} enable' for name in ('in', *outputs)]
        lines += [f'mroute from in source 10.0.0.5 group {group_of(n)} to {" ".join(outputs[:n])}'
                  for n in FAN_OUTS]
        (self.folder / 'routes').write_text('\n'.join(lines) + '\n')
        daemon = subprocess.Popen(
            ['ip', 'netns', 'exec', self.router, 'smcrouted', '-n', '-N', '-l', 'none',
             '-f', self.folder / 'routes', '-P', self.folder / 'pid', '-u', self.folder / 'socket'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.stack.callback(daemon.wait)
        self.stack.callback(daemon.terminate)
        deadline = time.monotonic() + 10
        while self.inside('cat', '/proc/net/ip_mr_cache').count('\n') < 1 + len(FAN_OUTS):
            if time.monotonic() > deadline or daemon.poll() is not None:
                raise BenchFailed('smcrouted: sets no routes')
            time.sleep(0.05)

    def copies(self):
        """Sent out of all interfaces so far, by the kernel's own count."""
        rows = [line.split() for line in self.inside('cat', '/proc/net/ip_mr_vif').splitlines()[1:]]
        return sum(int(row[5]) for row in rows)

    def cost(self, fan_out):
        """Nanoseconds a copy."""
        before, packets = self.copies(), COPIES // fan_out
        self.sender.say(f'send {packets} {group_of(fan_out)}')
        took = int(self.sender.hear(r'^took (\d+)').group(1))
        time.sleep(0.02)  # what is still on its way
        made = self.copies() - before
        if made < packets * fan_out * 0.9:
            raise BenchFailed(f'the kernel made {made} copies of {packets} packets, not {fan_out} '
                              'of each')
        return took / made


def worker(build, figures, rounds):
    if reason := missing():
        print(f'bench worker: the kernel is not measured: {reason}', flush=True)
        return
    with KernelRouter(build) as kernel, Server(build, 'worker_bench', 'serve') as ours:
        for _ in range(rounds):
            for fan_out in FAN_OUTS:
                packets = ours.rate(f'copies{fan_out} {MILLISECONDS}')  # a microsecond
                figures.add(f'worker-copy-fan{fan_out}', 1000 / packets / fan_out, 'ns/copy',
                            'kernel', kernel.cost(fan_out))
