"""The release build that is measured and looked at."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / 'build' / 'bench'


def build(*targets):
    if not (BUILD / 'build.ninja').exists():
        subprocess.run(['meson', 'setup', BUILD, '--buildtype=release', '-Dtests=false',
                        '-Dbenches=true'], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(['ninja', '-C', BUILD, '--quiet', *targets], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(done.stdout)
