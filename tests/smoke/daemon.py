"""A running mcastd and its control client. Ends only the processes that it started."""
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from tap import skip_all

ROUTER_MAC = '02:00:00:00:00:01'


def program(name):
    path = os.environ.get(name.upper(), '')
    if not path or not os.access(path, os.X_OK):
        skip_all(f'{name} is not built')
    return path


def wait_for(condition, what, seconds=10.0, every=0.05):
    """Returns the condition's first true value; fails when the deadline passes."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f'after {seconds} s still not: {what}'
        time.sleep(every)


class Daemon:
    """`config` is TOML text without [daemon] and [socket], which are set here."""

    numbers = itertools.count()

    def __init__(self, config, namespace=None, arguments=(), router_mac=ROUTER_MAC):
        self.mcastd = program('mcastd')
        self.mcastctl = program('mcastctl')
        self.folder = tempfile.TemporaryDirectory(prefix='mcast-smoke-')
        self.socket = f'{self.folder.name}/ctl.sock'
        self.config = f'{self.folder.name}/mcastd.toml'
        self.instance = f'smoke{os.getpid()}-{next(self.numbers)}'
        self.log_path = f'{self.folder.name}/log'
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(f'[daemon]\ninstance = "{self.instance}"\n'
                       f'router-mac = "{router_mac}"\n'
                       f'[socket]\npath = "{self.socket}"\n' + config)
        prefix = ['ip', 'netns', 'exec', namespace.name] if namespace else []
        with open(self.log_path, 'wb') as log:
            self.process = subprocess.Popen(
                [*prefix, self.mcastd, '--config', self.config, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder.name)

    def wait_ready(self, seconds=20.0):
        def answers():
            assert self.alive(), f'mcastd ended with {self.process.returncode}:\n{self.log()}'
            return os.path.exists(self.socket) and self.ctl('show', 'status').returncode == 0
        wait_for(answers, f'mcastd answers\n{self.log()}', seconds)

    def alive(self):
        return self.process.poll() is None

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def ctl(self, *arguments):
        return subprocess.run([self.mcastctl, '--socket', self.socket, *arguments],
                              capture_output=True, text=True, timeout=20)

    def json(self, *arguments):
        done = self.ctl(*arguments, '-o', 'json')
        assert done.returncode == 0, f'mcastctl {" ".join(arguments)}: {done.stderr.strip()}'
        return json.loads(done.stdout)

    def accounting(self):
        return self.json('show', 'drops')['accounting']

    def has_group(self, interface, group, **members):
        """Whether `show groups` has it, with these members equal."""
        return any(row['interface'] == interface and row['group'] == group
                   and all(row[key] == value for key, value in members.items())
                   for row in self.json('show', 'groups'))

    def stop(self):
        """SIGTERM, and the exit code."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return 'killed after 10 s'

    def remove(self):
        self.stop()
        self.folder.cleanup()
        # DPDK's own folder of this instance, which one that was killed leaves.
        shutil.rmtree(f'/var/run/dpdk/{self.instance}', ignore_errors=True)
