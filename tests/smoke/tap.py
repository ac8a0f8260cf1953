"""Test Anything Protocol: one line a case, so that every case is counted."""
import contextlib
import os
import sys
import traceback


class Skip(Exception):
    """Raised within a case that cannot run here; the message is the reason."""


class Tap:
    """Cases in order. A case that fails does not end the run; finish() tells the exit code."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    @contextlib.contextmanager
    def case(self, name):
        self.count += 1
        try:
            yield
        except Skip as reason:
            self.line(f'ok {self.count} - {name} # SKIP {reason}')
        except Exception as error:  # a broken case is a failed case, whatever broke it
            self.failed += 1
            self.line(f'not ok {self.count} - {name}')
            if not isinstance(error, AssertionError):
                self.note(traceback.format_exc())
            else:
                where = traceback.extract_tb(error.__traceback__)[-1]
                self.note(f'{os.path.basename(where.filename)}:{where.lineno}: {error}')
        else:
            self.line(f'ok {self.count} - {name}')

    def note(self, text):
        for line in str(text).splitlines():
            self.line(f'# {line}')

    def finish(self):
        self.line(f'1..{self.count}')
        return 1 if self.failed else 0

    @staticmethod
    def line(text):
        print(text, flush=True)


def skip_all(reason):
    Tap.line(f'1..0 # SKIP {reason}')
    sys.exit(0)


def equal(actual, expected, what=''):
    assert actual == expected, f'{what}: is {actual!r}, should be {expected!r}'
