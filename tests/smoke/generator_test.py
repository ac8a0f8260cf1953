#!/usr/bin/python3
"""mcastgen: the same bytes every time, tshark content with them, and sent over a real cable."""
import json
import os
import subprocess
import sys
import tempfile

from daemon import Daemon, program, wait_for
from judge import complaints_about
from lab import BASE, interface, port
from netns import Namespace, need_namespaces, veth
from tap import Tap, equal

SCENARIO = '''
[[port]]
name = "a"
[[flow]]
name = "one"
port = "a"
source = "10.1.0.1"
group = "239.1.1.1"
count = 200
interval = "2ms"
[[flow]]
name = "two"
port = "a"
source = "10.1.0.2"
group = "232.1.1.1"
size = 1400
start = "50ms"
count = 50
interval = "5ms"
[[flow]]
name = "tagged"
port = "a"
source = "10.1.0.3"
group = "239.1.1.3"
vlan = 100
count = 5
''' + ''.join(f'''
[[igmp]]
port = "a"
host = "10.1.0.{20 + number}"
group = "{group}"
version = {version}
action = "{action}"
{sources}
''' for number, (version, group, action, sources) in enumerate([
    (1, '239.1.1.1', 'join', ''), (2, '239.1.1.1', 'join', ''), (2, '239.1.1.1', 'leave', ''),
    (3, '239.1.1.1', 'join', ''), (3, '239.1.1.1', 'leave', ''),
    (3, '232.1.1.1', 'include', 'sources = ["10.1.0.2"]'),
    (3, '239.1.1.1', 'exclude', 'sources = ["10.1.0.2"]'),
    (3, '232.1.1.1', 'allow', 'sources = ["10.1.0.3", "10.1.0.4"]'),
    (3, '232.1.1.1', 'block', 'sources = ["10.1.0.3"]')]))
EXPECT = ['--expect', 'one=200', '--expect', 'two=50', '--expect', 'tagged=5']


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def captures(tap, mcastgen, folder):
    scenario = f'{folder}/scenario.toml'
    with tap.case('a scenario gives the same capture every time'):
        for name in ('1', '2'):
            subprocess.run([mcastgen, 'pcap', scenario, '-o', f'{folder}/{name}.pcap'], check=True,
                           stdout=subprocess.DEVNULL)
        equal(read(f'{folder}/1.pcap') == read(f'{folder}/2.pcap'), True, 'the same bytes')
    with tap.case('one file a port with -d'):
        subprocess.run([mcastgen, 'pcap', scenario, '-d', f'{folder}/ports'], check=True,
                       stdout=subprocess.DEVNULL)
        equal(read(f'{folder}/ports/a.pcap'), read(f'{folder}/1.pcap'), 'the only port')
    with tap.case('tshark finds nothing wrong with the capture'):
        equal(complaints_about(f'{folder}/1.pcap'), [], 'complaints')
    with tap.case('check is content with the capture'):
        done = subprocess.run([mcastgen, 'check', f'{folder}/1.pcap', '--scenario', scenario,
                               *EXPECT], capture_output=True, text=True)
        equal(done.returncode, 0, done.stdout)
    with tap.case('check of a wrong expectation exits 1 and says how many are lost'):
        done = subprocess.run([mcastgen, 'check', f'{folder}/1.pcap', '--expect', '1=201', '-o',
                               'json'], capture_output=True, text=True)
        equal(done.returncode, 1, done.stdout)
        equal(json.loads(done.stdout)['flows'][0]['lost'], 1, 'lost')


def refusals(tap, mcastgen, folder):
    rows = [
        ('no arguments', [], 64), ('unknown command', ['sing'], 64), ('--help', ['--help'], 0),
        ('check --help', ['check', '--help'], 0), ('--version', ['--version'], 0),
        ('no output', ['pcap', f'{folder}/scenario.toml'], 64),
        ('no such scenario', ['pcap', '/nonexistent', '-o', f'{folder}/x'], 65),
        ('no such folder', ['pcap', f'{folder}/scenario.toml', '-o', '/nonexistent/x'], 73),
        ('no such interface', ['send', f'{folder}/scenario.toml', '-i', 'mc-none'], 69),
        ('no such DPDK driver', ['send', f'{folder}/scenario.toml', '--device', 'net_none0'], 69),
        ('no such kernel interface below a device',
         ['check', '--device', 'net_af_packet0,iface=mc-none'], 69),
        ('no such PCI device', ['check', '--device', '0000:ff:1f.7'], 69),
        ('EAL arguments without a device', ['send', f'{folder}/scenario.toml', '-i', 'lo', '--',
                                            '--no-pci'], 64),
        ('a rate of nothing', ['send', f'{folder}/scenario.toml', '-i', 'lo', '--rate', '0'], 64),
        ('interface and device', ['check', '-i', 'lo', '--device', 'net_null0'], 64),
        ('no such port', ['send', f'{folder}/scenario.toml', '-i', 'b=lo'], 64),
        ('no such capture', ['check', '/nonexistent'], 69),
        ('no capture', ['check', f'{folder}/scenario.toml'], 69),
        ('no such flow', ['check', f'{folder}/1.pcap', '--expect', 'news=1'], 64),
    ]
    for name, arguments, code in rows:
        with tap.case(f'mcastgen {name}: exit {code}'):
            done = subprocess.run([mcastgen, *arguments], capture_output=True, text=True)
            equal(done.returncode, code, done.stdout + done.stderr)
            assert done.stdout or done.stderr, 'said nothing'


def devices(tap, mcastgen, folder):
    # One flow: --count and --expect speak of each.
    scenario = f'{folder}/flow.toml'
    with open(scenario, 'w', encoding='utf-8') as file:
        file.write('[[port]]\nname = "a"\n[[flow]]\nname = "one"\nport = "a"\n'
                   'source = "10.1.0.10"\ngroup = "239.1.1.1"\n')
    with tap.case('send to a net_pcap device, and check from one'):
        sent = subprocess.run(
            [mcastgen, 'send', scenario, '--device', f'net_pcap0,tx_pcap={folder}/out.pcap',
             '--rate', '5000', '--count', '3000', '--', '-m', '96'],
            capture_output=True, text=True, timeout=60)
        equal(sent.returncode, 0, sent.stderr)
        checked = subprocess.run(
            [mcastgen, 'check', '--device', f'net_pcap0,rx_pcap={folder}/out.pcap', '--quiet',
             '200ms', '--scenario', scenario, '--expect', 'one=3000'],
            capture_output=True, text=True, timeout=60)
        equal(checked.returncode, 0, checked.stdout + checked.stderr)
    with tap.case('a device from which too little comes: exit 1'):
        checked = subprocess.run(
            [mcastgen, 'check', '--device', f'net_pcap0,rx_pcap={folder}/out.pcap', '--quiet',
             '200ms', '--scenario', scenario, '--expect', 'one=3001', '-o', 'json'],
            capture_output=True, text=True, timeout=60)
        equal(checked.returncode, 1, checked.stdout + checked.stderr)
        equal(json.loads(checked.stdout)['flows'][0]['lost'], 1, 'lost')


def through_a_router(tap, mcastgen, folder):
    """send (DPDK) - mcastd - check (DPDK), each on AF_PACKET ports of its own namespace."""
    scenario, spaces, daemon, receiver = f'{folder}/flow.toml', [], None, None
    try:
        left, router, right = spaces = [Namespace(role) for role in ('left', 'router', 'right')]
        veth(router, 'wan', left, 'l0')
        veth(router, 'lan', right, 'r0')
        config = BASE
        for number, name in enumerate(('wan', 'lan')):
            config += port(name, f'net_af_packet{number},iface={name},framecnt=4096')
            config += interface(name, name, f'10.{number + 1}.0.1/24', '"static"')
        config += '[[group]]\ngroup = "239.1.1.1"\ninterface = "lan"\n'
        with tap.case('DPDK sender, router and DPDK receiver: nothing is lost'):
            daemon = Daemon(config, router)
            daemon.wait_ready()
            with open(f'{folder}/receiver', 'w+', encoding='utf-8') as said:
                receiver = subprocess.Popen(
                    ['ip', 'netns', 'exec', right.name, mcastgen, 'check', '--device',
                     'net_af_packet0,iface=r0,framecnt=4096', '--duration', '60s', '--quiet', '2s',
                     '--scenario', scenario, '--expect', 'one=2000', '-o', 'json'],
                    stdout=subprocess.PIPE, stderr=said, text=True)
                wait_for(lambda: 'listening' in read(said.name).decode(), 'the receiver listens')
                sent = subprocess.run(
                    ['ip', 'netns', 'exec', left.name, mcastgen, 'send', scenario, '--device',
                     'a=net_af_packet0,iface=l0,framecnt=4096', '--rate', '1000', '--duration',
                     '2s'], capture_output=True, text=True, timeout=60)
                equal(sent.returncode, 0, sent.stderr)
                output, _ = receiver.communicate(timeout=90)
                equal(receiver.returncode, 0, output + read(said.name).decode())
                equal(json.loads(output)['flows'][0]['received'], 2000, 'received')
            books = daemon.accounting()
            equal((books['forwarded'], books['difference']), (2000, 0), str(books))
    finally:
        if receiver is not None and receiver.poll() is None:
            receiver.kill()
            receiver.wait()
        if daemon is not None:
            daemon.remove()
        for space in spaces:
            space.remove()


def cable(tap, mcastgen, folder):
    left, right = Namespace('left'), Namespace('right')
    try:
        veth(left, 'l0', right, 'r0')
        with tap.case('send and check over a cable'):
            receiver = subprocess.Popen(
                ['ip', 'netns', 'exec', right.name, mcastgen, 'check', '-i', 'r0', '--duration',
                 '20s', '--quiet', '1s', '--late-after', '5s', '--scenario',
                 f'{folder}/scenario.toml', *EXPECT],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            wait_for(lambda: 'promiscuity 1' in right.exec('ip', '-d', 'link', 'show', 'r0'),
                     'the receiver listens')
            sent = subprocess.run(['ip', 'netns', 'exec', left.name, mcastgen, 'send',
                                   f'{folder}/scenario.toml', '-i', 'l0'],
                                  capture_output=True, text=True, timeout=30)
            equal(sent.returncode, 0, sent.stderr)
            output, _ = receiver.communicate(timeout=30)
            equal(receiver.returncode, 0, output)
    finally:
        left.remove()
        right.remove()


def main():
    need_namespaces()
    mcastgen = program('mcastgen')
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-smoke-') as folder:
        with open(os.path.join(folder, 'scenario.toml'), 'w', encoding='utf-8') as file:
            file.write(SCENARIO)
        captures(tap, mcastgen, folder)
        refusals(tap, mcastgen, folder)
        devices(tap, mcastgen, folder)
        cable(tap, mcastgen, folder)
        through_a_router(tap, mcastgen, folder)
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
