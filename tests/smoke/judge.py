"""tshark as the independent judge of frames: nothing malformed, no bad checksum, no expert error."""
import os
import subprocess
import tempfile

from hosts import write_pcap

# Severity of "warning" in Wireshark's numbering; a bad checksum is an error, a malformed packet too.
COMPLAINT = '_ws.malformed || _ws.expert.severity >= 6291456 || ip.checksum.status == 0'
CHECKS = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE']


def complaints_about(path):
    """One line for each frame of the capture that tshark finds something wrong with."""
    command = ['tshark', '-n', '-r', path, '-Y', COMPLAINT]
    for option in CHECKS:
        command += ['-o', option]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr.strip()
    return done.stdout.splitlines()


def complaints(frames):
    with tempfile.TemporaryDirectory(prefix='mcast-judge-') as folder:
        path = os.path.join(folder, 'frames.pcap')
        write_pcap(path, frames)
        return complaints_about(path)
