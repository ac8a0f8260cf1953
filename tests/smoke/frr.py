"""FRR's pimd as another querier, in a namespace, with files of its own: never the system's service."""
import json
import os
import shutil
import subprocess
import tempfile

from daemon import wait_for

FOLDER = '/usr/lib/frr'

# In this order: an interval must not be shorter than the response time.
INTERFACE = '''interface {name}
 ip igmp
 ip igmp query-max-response-time 10
 ip igmp query-interval 2
 ip igmp last-member-query-interval 2
'''


def missing():
    """Why FRR cannot be run here, or None."""
    for path in (f'{FOLDER}/zebra', f'{FOLDER}/pimd'):
        if not os.access(path, os.X_OK):
            return f'{path} is not there: scripts/install-deps --test installs it'
    return None if shutil.which('vtysh') else 'vtysh is not there'


class Frr:
    def __init__(self, space, interfaces):
        self.space, self.processes = space, {}
        self.folder = tempfile.TemporaryDirectory(prefix='mcast-frr-')
        self._write('zebra.conf', 'hostname zebra\n')
        self._write('pimd.conf', 'hostname pimd\n'
                    + ''.join(INTERFACE.format(name=name) for name in interfaces))
        shutil.chown(self.folder.name, 'frr', 'frr')
        self._start('zebra')
        wait_for(lambda: os.path.exists(f'{self.folder.name}/zserv.api'), 'zebra listens')
        self.start()

    def _write(self, name, text):
        path = f'{self.folder.name}/{name}'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        shutil.chown(path, 'frr', 'frr')

    def _start(self, name):
        folder = self.folder.name
        with open(f'{folder}/{name}.log', 'ab') as log:
            self.processes[name] = subprocess.Popen(
                ['ip', 'netns', 'exec', self.space.name, f'{FOLDER}/{name}', '-u', 'frr', '-g',
                 'frr', '-i', f'{folder}/{name}.pid', '-z', f'{folder}/zserv.api', '--vty_socket',
                 folder, '-f', f'{folder}/{name}.conf', '-A', '127.0.0.1', '-P', '0'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        self._start('pimd')
        wait_for(self.interfaces, 'pimd answers')

    def log(self):
        with open(f'{self.folder.name}/pimd.log', encoding='utf-8', errors='replace') as file:
            return file.read()

    def interfaces(self):
        """What pimd shows of its interfaces by name; empty while it does not answer."""
        done = subprocess.run(['vtysh', '--vty_socket', self.folder.name, '-d', 'pimd', '-c',
                               'show ip igmp interface json'], capture_output=True, text=True,
                              timeout=10)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            return {}

    def kill(self):
        """The querier dies without a word."""
        process = self.processes.pop('pimd')
        process.kill()
        process.wait()

    def remove(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.folder.cleanup()
