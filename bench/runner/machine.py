"""The machine that measured, and whether its core was shared meanwhile."""
import datetime
import os
import pathlib
import platform
import re
import subprocess

# A core of its own does nearly four additions a cycle, one that is shared about two.
LEAST_ADDITIONS = 3.2


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'
    return done.stdout.splitlines()[0].strip() if done.stdout else 'unknown'


def describe(root):
    cpuinfo = pathlib.Path('/proc/cpuinfo').read_text()
    model = re.search(r'^model name\s*:\s*(.*)$', cpuinfo, re.M)
    flags = re.search(r'^flags\s*:\s*(.*)$', cpuinfo, re.M)
    known = set(flags.group(1).split()) if flags else set()
    return {
        'cpu': model.group(1) if model else platform.machine(),
        'cores': os.cpu_count(),
        'virtual': 'hypervisor' in known,
        'vectors': next((v for v in ('avx512f', 'avx2', 'sse4_2') if v in known), 'none'),
        'kernel': f'{platform.system()} {platform.release()}',
        'compiler': first_line(os.environ.get('CXX', 'g++'), '--version'),
        'dpdk': first_line('pkg-config', '--modversion', 'libdpdk'),
        'commit': first_line('git', '-C', str(root), 'rev-parse', '--short', 'HEAD'),
        'date': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
    }


def calibrate(program):
    """Additions a cycle, see bench/calibration.cpp."""
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[1])


def is_shared(additions):
    return additions < LEAST_ADDITIONS
