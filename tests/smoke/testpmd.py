"""DPDK's testpmd, by its commands. Ends only the process that it started."""
import os
import re
import shutil
import subprocess
import tempfile
import time

from daemon import wait_for

def why_not(folder):
    """Why testpmd cannot run over net_memif here; empty when it can."""
    program = shutil.which('dpdk-testpmd')
    if program is None:
        return 'dpdk-testpmd is not installed (package dpdk-dev)'
    probe = subprocess.run(
        [program, *eal('probe'), f'--vdev=net_memif0,role=server,{memif(f"{folder}/probe.sock")}',
         '--', '-i', '--total-num-mbufs=2048'], input='quit\n', capture_output=True, text=True,
        timeout=60)
    if probe.returncode != 0:
        said = (probe.stdout + probe.stderr).strip().splitlines() or ['it said nothing']
        return f'testpmd does not start over net_memif: {said[-1]}'
    return ''


def eal(name):
    """No hugepages, and no core of its own."""
    return ['--lcores', '0@(0-1),1@(0-1)' if (os.cpu_count() or 1) > 1 else '0@0,1@0', '--no-huge',
            '-m', '128', '--no-pci', '--no-shconf', '--no-telemetry', '--file-prefix',
            f'{name}{os.getpid()}']


def memif(socket):
    return f'socket={socket},socket-abstract=no'


class Testpmd:
    def __init__(self, name, devices, *options):
        self.log = tempfile.NamedTemporaryFile('w+', prefix='mcast-testpmd-', encoding='utf-8')
        self.process = subprocess.Popen(
            ['stdbuf', '-oL', 'dpdk-testpmd', *eal(name),
             *(f'--vdev={device}' for device in devices), '--', '-i', '--nb-cores=1',
             '--total-num-mbufs=8192', *options],
            stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT, text=True)
        self.ports = len(devices)
        self.ask('show config fwd', r'packet forwarding')

    def text(self, start=0):
        with open(self.log.name, encoding='utf-8', errors='replace') as file:
            return file.read()[start:]

    def ask(self, words, pattern, seconds=20.0):
        """What it says to a command, from there on; waits for the pattern."""
        start = len(self.text())
        self.process.stdin.write(words + '\n')
        self.process.stdin.flush()
        deadline = time.monotonic() + seconds
        while True:
            said = self.text(start)
            if re.search(pattern, said, re.DOTALL):
                return said
            assert self.process.poll() is None, f'testpmd ended:\n{self.text()}'
            assert time.monotonic() < deadline, f'testpmd did not say {pattern!r}:\n{self.text()}'
            time.sleep(0.02)

    def wait_link(self, port=0):
        """What is sent over memif before the other end is there is lost."""
        wait_for(lambda: 'Link status: up' in self.ask(f'show port info {port}', r'Link status'),
                 f'port {port} of testpmd has a link')

    def stats(self):
        """(packets received, bytes received, packets sent) of each port, since its start."""
        end = r'Tx-bps.*?####'
        said = self.ask('show port stats all', '.*?'.join([end] * self.ports))
        return [tuple(int(number) for number in row) for row in re.findall(
            r'RX-packets: (\d+).*?RX-bytes: +(\d+).*?TX-packets: (\d+)', said, re.DOTALL)]

    def received(self):
        return [packets for packets, _, _ in self.stats()]

    def sent(self, port=0):
        return self.stats()[port][2]

    def send_bursts(self, bursts):
        """So many bursts of 32, one after the other, and no more; how many frames they were."""
        before = self.sent()
        self.ask(f'start tx_first {bursts}', r'packet forwarding')
        self.ask('stop', r'Done\.')
        return self.sent() - before

    def remove(self):
        try:
            self.process.stdin.write('stop\nquit\n')
            self.process.stdin.close()
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.log.close()
