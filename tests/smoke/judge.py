"""tshark as the independent judge of frames: nothing malformed, no bad checksum, no complaint."""
import os
import subprocess
import tempfile

from hosts import write_pcap

# From Wireshark's severity "warning" on; a bad checksum is an error, a malformed packet too.
COMPLAINT = '_ws.malformed || _ws.expert.severity >= 6291456 || ip.checksum.status == 0'
CHECKS = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE']
# Our payloads are data, whatever protocol tshark might guess in them.
PAYLOAD = 'udp.port==5000,data'


def complaints_about(path):
    """One line for each frame of the capture that tshark finds something wrong with."""
    command = ['tshark', '-n', '-r', path, '-Y', COMPLAINT, '-d', PAYLOAD]
    for option in CHECKS:
        command += ['-o', option]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr.strip()
    return done.stdout.splitlines()


def complaints(frames):
    if not frames:
        return []
    with tempfile.TemporaryDirectory(prefix='mcast-judge-') as folder:
        path = os.path.join(folder, 'frames.pcap')
        write_pcap(path, frames)
        return complaints_about(path)
