"""Running the benches' programs, once through or turn about with a peer."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import time

from .figure import BenchFailed

TIME_LIMIT = 120  # seconds, for one run of one program


def output_of(build, program, *arguments):
    command = [str(build / 'bench' / program), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired as error:
        raise BenchFailed(f'{program}: not done after {TIME_LIMIT} s') from error
    if done.returncode != 0:
        raise BenchFailed(f'{program}: exit code {done.returncode}: {done.stderr.strip()}')
    return done.stdout


class Conversation(contextlib.AbstractContextManager):
    """A program that waits for commands, so that several can take turns on one core."""

    def __init__(self, command, name):
        self.name = name
        self.process = subprocess.Popen(['stdbuf', '-oL', *map(str, command)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def say(self, words):
        try:
            self.process.stdin.write(words + '\n')
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise BenchFailed(f'{self.name}: ended too early') from error

    def hear(self, pattern):
        """What the next line that matches says."""
        for line in self.process.stdout:
            if match := re.search(pattern, line):
                return match
        raise BenchFailed(f'{self.name}: ended without saying "{pattern}"')


class Testpmd(Conversation):
    """DPDK's own forwarder. Its packets a microsecond of processor time, over all its cores."""

    def __init__(self, mode, devices, cores=(0,)):
        program = shutil.which('dpdk-testpmd')
        if program is None:
            raise BenchFailed('dpdk-testpmd: not installed (package dpdk)')
        lcores = ','.join(['0@0', *(f'{n}@{core}' for n, core in enumerate(cores, 1))])
        super().__init__([program, '--lcores', lcores, '--no-huge', '--no-shconf', '--no-pci',
                          '--no-telemetry', '-m', '256', '--file-prefix', f'bench{os.getpid()}',
                          *(f'--vdev={device}' for device in devices), '--', '-i',
                          f'--nb-cores={len(cores)}', f'--forward-mode={mode}',
                          '--total-num-mbufs=16384', '--no-lsc-interrupt'], f'testpmd {mode}')
        self.cores = len(cores)
        self.say('show config fwd')
        self.hear(r'packet forwarding')  # so it is up
        for task in self.forwarding_threads():  # as our benches' threads do
            with contextlib.suppress(OSError):
                os.sched_setscheduler(int(task.name), os.SCHED_FIFO, os.sched_param(1))

    def forwarding_threads(self):
        threads = [task for task in pathlib.Path(f'/proc/{self.process.pid}/task').iterdir()
                   if (task / 'comm').read_text().startswith('rte-worker')]
        if len(threads) != self.cores:
            raise BenchFailed('testpmd: its forwarding threads have other names here')
        return threads

    def worked(self):
        """Nanoseconds on the processor, of the threads that forward."""
        return sum(int((task / 'schedstat').read_text().split()[0])
                   for task in self.forwarding_threads())

    def rate(self, seconds):
        before = self.worked()
        self.say('start')
        time.sleep(seconds)
        self.say('stop')
        self.hear(r'Accumulated forward statistics')
        packets = int(self.hear(r'RX-packets: (\d+)').group(1))
        used = self.worked() - before
        return 1000 * packets * self.cores / used


class Server(Conversation):
    """One of our benches in its serving mode: `NAME` gives packets a microsecond."""

    def __init__(self, build, program, *arguments):
        super().__init__([build / 'bench' / program, *arguments], program)
        self.hear('^ready')

    def rate(self, words):
        self.say(words)
        return float(self.hear(r'^rate (\S+)').group(1))
