"""One measured value, with what it is compared with."""
import dataclasses
import statistics

# Of everything else (times, bytes, instructions) less is better.
MORE_IS_BETTER = {'Mpps', 'M/s', 'ratio'}


class BenchFailed(Exception):
    pass


@dataclasses.dataclass
class Figure:
    name: str
    unit: str
    values: list
    baseline: str = ''
    theirs: list = dataclasses.field(default_factory=list)

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def baseline_value(self):
        return statistics.median(self.theirs)

    @property
    def ratio(self):
        """How many times better than the baseline; None without one."""
        if not self.baseline:
            return None
        ours, theirs = self.value, self.baseline_value
        if self.unit in MORE_IS_BETTER:
            return ours / theirs if theirs else float('inf')
        return theirs / ours if ours else float('inf')

    def line(self):
        text = f'bench {self.name} {number(self.value)} {self.unit}'
        if self.baseline:
            text += (f' baseline {self.baseline} {number(self.baseline_value)} {self.unit}'
                     f' ratio {self.ratio:.2f}')
        return text

    def as_json(self):
        values = {'name': self.name, 'value': self.value, 'unit': self.unit,
                  'least': min(self.values), 'most': max(self.values), 'runs': len(self.values)}
        if self.baseline:
            values |= {'baseline': {'name': self.baseline, 'value': self.baseline_value,
                                    'least': min(self.theirs), 'most': max(self.theirs)},
                       'ratio': self.ratio}
        return values


def number(value):
    return f'{value:.0f}' if abs(value) >= 1000 else f'{value:.4g}'


class Figures:
    """Those of one bench, over its runs, in the order in which they first came."""

    def __init__(self):
        self.by_name = {}

    def add(self, name, value, unit, baseline='', theirs=None):
        figure = self.by_name.setdefault((name, baseline), Figure(name, unit, [], baseline))
        figure.values.append(float(value))
        if baseline:
            figure.theirs.append(float(theirs))

    def take(self, text):
        """Lines `figure NAME VALUE UNIT [BASELINE VALUE]`."""
        for line in text.splitlines():
            word, *rest = line.split()
            if word != 'figure' or len(rest) not in (3, 5):
                raise BenchFailed(f'what is this: {line}')
            self.add(*rest)

    def __iter__(self):
        return iter(self.by_name.values())
