"""What is promised of the figures. One that falls short fails scripts/bench."""
import re

# (figure, baseline, at least so many times better)
TIMES = [
    (r'lookup-(hit|miss)-(1000|64000|1000000)', 'rte_hash', 4.0),
    (r'lookup-published-\d+', 'quiet', 0.90),
    (r'replication-null-64B-fan16', 'header', 2.0),
    (r'replication-null-64B-fan16', 'clone', 8.0),
    (r'replication-null-64B-fan(4|8|16)', 'floor', 1 / 1.2),
    (r'private-null-(64|1500)B-fan16', 'clone', 3.0),
    (r'worker-fan1', 'testpmd-io', 0.7),
    (r'worker-fan1', 'testpmd-macswap', 0.8),
    (r'worker-copy-fan16', 'floor', 1 / 1.5),
    (r'worker-flows-64000', 'one-flow', 1 / 1.5),
    (r'worker-flows-1000000', 'one-flow', 1 / 4),
    (r'worker-published', 'quiet', 0.95),
]
# (figure, at most)
MOST = [
    (r'adding-(new|known)-group-growth', 2.0),
    (r'(take|release)-turn-max', 5.0),
    (r'(join|leave)-\d+-groups-p999', 1000.0),
    (r'records-\w+-cost', 5000.0),  # 200,000 a second
    (r'records-\w+-refused', 0.0),
    (r'records-turn-longest', 5.0),
    (r'routes-flap-[a-z-]+-longest', 5.0),
]


def verdicts(figure):
    """Sentences about this figure, each with whether it holds."""
    for pattern, baseline, least in TIMES:
        if figure.baseline == baseline and re.fullmatch(pattern, figure.name):
            yield (f'{figure.name} {figure.ratio:.2f} times {baseline}, at least {least:.2f}',
                   figure.ratio >= least)
    for pattern, most in MOST:
        if re.fullmatch(pattern, figure.name):
            yield f'{figure.name} {figure.value:.4g}, at most {most:g} {figure.unit}', \
                figure.value <= most
