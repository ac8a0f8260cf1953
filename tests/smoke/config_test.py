#!/usr/bin/python3
"""Configuration files with each kind of mistake, and machines that lack what a file asks for."""
import glob
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from daemon import program
from tap import Skip, Tap, equal

GOOD = '''[memory]
hugepages = false
megabytes = 192
[workers]
cores = [1]
idle = "sleep"
[[port]]
name = "wan"
device = "net_null0"
[[interface]]
name = "up"
port = "wan"
address = "10.1.0.1/24"
protocols = ["static"]
[[interface]]
name = "tv"
port = "wan"
vlan = 100
address = "10.2.0.1/24"
[interface.igmp]
query-interval = "60s"
[[route]]
prefix = "172.16.0.0/12"
interface = "up"
'''

# (kind of mistake, text in GOOD, what replaces it)
MISTAKES = [
    ('not TOML', 'megabytes = 192', 'megabytes = = 192'),
    ('a string that does not end', 'name = "wan"', 'name = "wan'),
    ('unknown table', '[memory]', '[memories]'),
    ('unknown key', 'megabytes = 192', 'gigabytes = 192'),
    ('unknown key of IGMP', 'query-interval =', 'query-intervall ='),
    ('string for a number', 'megabytes = 192', 'megabytes = "192"'),
    ('number for a string', 'name = "wan"', 'name = 5'),
    ('number for a truth value', 'hugepages = false', 'hugepages = 0'),
    ('number out of bounds', 'vlan = 100', 'vlan = 4095'),
    ('negative number', 'megabytes = 192', 'megabytes = -1'),
    ('unknown word', 'idle = "sleep"', 'idle = "doze"'),
    ('bad duration', '"60s"', '"60 parsecs"'),
    ('duration out of bounds', '"60s"', '"99999s"'),
    ('inconsistent timers', '"60s"', '"5s"'),
    ('bad address', '10.2.0.1/24', '10.2.0.256/24'),
    ('address without a length', '10.2.0.1/24', '10.2.0.1'),
    ('network address as host', '10.2.0.1/24', '10.2.0.0/24'),
    ('multicast address as host', '10.2.0.1/24', '224.2.0.1/24'),
    ('overlapping networks', '10.2.0.1/24', '10.1.0.2/16'),
    ('bad prefix', '172.16.0.0/12', '172.16.0.0/33'),
    ('no such port', 'port = "wan"', 'port = "lan"'),
    ('no such interface', 'interface = "up"', 'interface = "down"'),
    ('name twice', 'name = "tv"', 'name = "up"'),
    ('VLAN twice', 'vlan = 100\n', ''),
    ('unknown protocol', '["static"]', '["rip"]'),
    ('protocol of a later version', '["static"]', '["pim"]'),
    ('missing key', 'device = "net_null0"\n', ''),
    ('no port at all', '[[port]]\nname = "wan"\ndevice = "net_null0"\n', ''),
    ('static group where static does not run', '[[route]]',
     '[[group]]\ngroup = "239.1.1.1"\ninterface = "tv"\n[[route]]'),
    ('group that is none', '[[route]]',
     '[[group]]\ngroup = "10.1.1.1"\ninterface = "up"\n[[route]]'),
]

# What is refused in words that name it: (kind, text in GOOD, what replaces it, what is said)
NAMED = [
    ('table of a protocol that is absent', '[[route]]', '[pim]\n[[route]]',
     '"pim" in the file is not available in this version'),
    ('the same for one interface', '[[route]]', '[interface.pim]\nmetric = 1\n[[route]]',
     '"pim" in [[interface]] "tv" is not available in this version'),
    ('proxy of one interface', '[[route]]', '[interface.proxy]\n[[route]]',
     '"proxy" does not belong in [[interface]] "tv"'),
    ('proxying as a protocol', '["static"]', '["igmp-proxy"]',
     '"igmp-proxy" is no protocol of [[interface]] "up"'),
    ('PIM as a protocol', '["static"]', '["pim"]',
     'protocol "pim" in [[interface]] "up" is not available in this version'),
    ('nothing about workers', '[workers]\ncores = [1]\nidle = "sleep"\n', '',
     'mcastd.toml:1:1: there is no [workers]; '),
    ('one PCI device in two spellings', 'device = "net_null0"\n',
     'device = "AF:1f.7"\n[[port]]\nname = "lan"\ndevice = "0000:af:1F.7,a=1"\n',
     'device "0000:af:1f.7" is in use already'),
]


class Runner:
    def __init__(self, folder):
        self.mcastd, self.folder = program('mcastd'), folder

    def run(self, text, *arguments):
        path = f'{self.folder}/mcastd.toml'
        socket = f'[socket]\npath = "{self.folder}/ctl.sock"\n'
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text if '[socket]' in text else text + socket)
        return subprocess.run([self.mcastd, '--config', path, *arguments], capture_output=True,
                              text=True, timeout=30)


def check_mistakes(tap, runner):
    with tap.case('a good file: exit 0'):
        done = runner.run(GOOD, '--check')
        equal(done.returncode, 0, done.stderr)
    for kind, wrong, replacement in MISTAKES:
        with tap.case(f'{kind}: exit 65 with file, line and column'):
            assert wrong in GOOD, f'{wrong!r} is not in the good file'
            done = runner.run(GOOD.replace(wrong, replacement, 1), '--check')
            equal(done.returncode, 65, done.stderr)
            tap.note(done.stderr.strip().splitlines()[0])
            assert re.search(r'mcastd\.toml:\d+:\d+: .+; .+', done.stderr), done.stderr
    for kind, wrong, replacement, said in NAMED:
        with tap.case(f'{kind}: exit 65 and a sentence that names it'):
            assert wrong in GOOD, f'{wrong!r} is not in the good file'
            one_sentence(runner.run(GOOD.replace(wrong, replacement, 1), '--check'), 65, said)
    with tap.case('the configuration in the README: exit 0'):
        readme = pathlib.Path(__file__).parents[2] / 'README.md'
        blocks = re.findall(r'```toml\n(.*?)```', readme.read_text(), re.DOTALL)
        equal(len(blocks), 1, 'configurations in the README')
        done = runner.run(blocks[0], '--check')
        equal(done.returncode, 0, done.stderr)
    with tap.case('no such file: exit 65 or 66'):
        done = subprocess.run([runner.mcastd, '--config', '/nonexistent/mcastd.toml', '--check'],
                              capture_output=True, text=True)
        assert done.returncode in (65, 66), f'{done.returncode}: {done.stderr}'
        assert '/nonexistent/mcastd.toml' in done.stderr, done.stderr
    with tap.case('unknown option: exit 64'):
        done = runner.run(GOOD, '--sing')
        equal(done.returncode, 64, done.stderr)


def one_sentence(done, code, *words):
    equal(done.returncode, code, done.stderr)
    for word in words:
        assert word in done.stderr, f'{word!r} is not said: {done.stderr}'


def check_machine(tap, runner):
    with tap.case('missing PCI device: exit 69, and how to see what there is'):
        done = runner.run(GOOD.replace('net_null0', '0000:ff:1f.7'))
        one_sentence(done, 69, '0000:ff:1f.7', 'dpdk-devbind.py')
    with tap.case('missing PCI device with arguments, in capitals: named as sysfs does'):
        done = runner.run(GOOD.replace('net_null0', 'FF:1F.7,dv_flow_en=1'))
        one_sentence(done, 69, 'no PCI device 0000:ff:1f.7:')
    with tap.case('missing kernel interface: exit 69, and the command that makes one'):
        done = runner.run(GOOD.replace('net_null0', 'net_af_packet0,iface=mc-none'))
        one_sentence(done, 69, "port 'wan'", 'no interface mc-none', 'ip link add')
        equal(len(done.stderr.splitlines()), 1, done.stderr)
    with tap.case('virtual device without a driver: exit 69, nothing but one sentence'):
        done = runner.run(GOOD.replace('net_null0', 'net_foo0,x=1'))
        one_sentence(done, 69, "port 'wan'", "'net_foo0'")
        equal(len(done.stderr.splitlines()), 1, done.stderr)
    with tap.case('the same at level debug: what DPDK says as well'):
        done = runner.run(GOOD.replace('net_null0', 'net_foo0') + '[log]\nlevel = "debug"\n')
        one_sentence(done, 69, "port 'wan'", 'dpdk: EAL:')
    for whose, wrong, replacement in [('worker 0', 'cores = [1]', 'cores = [1023]'),
                                      ('the control core', '[workers]',
                                       '[daemon]\ncontrol-core = 1023\n[workers]')]:
        with tap.case(f'{whose} on a core that is not there: exit 71, and which there are'):
            done = runner.run(GOOD.replace(wrong, replacement))
            one_sentence(done, 71, whose, 'core 1023', 'mcastd may run on core 0')
            equal(len(done.stderr.splitlines()), 1, done.stderr)
    with tap.case('too few hugepages: exit 71, and the command that makes them'):
        done = runner.run(GOOD.replace('hugepages = false', 'hugepages = true')
                          .replace('megabytes = 192', 'megabytes = 524288'))
        one_sentence(done, 71, 'dpdk-hugepages.py')
    with tap.case('port bound to another driver: exit 69, and the command that mends it'):
        bound = [path for path in glob.glob('/sys/bus/pci/devices/*')
                 if os.path.exists(f'{path}/driver')
                 and not os.path.realpath(f'{path}/driver').endswith(('vfio-pci', 'uio_pci_generic',
                                                                      'igb_uio'))]
        if not bound:
            raise Skip('no PCI device is bound to a kernel driver here')
        done = runner.run(GOOD.replace('net_null0', os.path.basename(bound[0])))
        one_sentence(done, 69, 'driverctl')


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='mcast-smoke-') as folder:
        runner = Runner(folder)
        check_mistakes(tap, runner)
        check_machine(tap, runner)
    return tap.finish()


if __name__ == '__main__':
    sys.exit(main())
