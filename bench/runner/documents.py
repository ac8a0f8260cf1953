"""The README's section and docs/performance.md, from what scripts/bench kept: no figure in them is
written by hand."""
import json
import re
import shutil

from . import line_rate
from .figure import number

BEGIN = '<!-- performance: written by scripts/bench --write -->'
END = '<!-- end of performance -->'

# (heading, bench, pattern of figures' names, sentence)
TABLES = [
    ('A lookup in the table', 'lookup', r'lookup-.*',
     'In bursts of 32 keys in random order. `quiet`: the same without a writer beside it that '
     'publishes 10,000 entries a second.'),
    ('A copy, of replication alone', 'replication', r'replication-.*',
     'The frame is 64 bytes and its outputs share it. `null` frees at once, `ring` keeps what it '
     'sends for 1,024 frames, as a NIC does. `floor` adds to the reference count, puts a pointer '
     'for each port, and calls the same drivers; `header` is an Ethernet header for each copy in '
     'front of the shared payload, as DPDK\'s own example does it; `lean-header` the best we know '
     'of that; `copy` copies the frame; `clone` makes a clone for each.'),
    ('A copy with an Ethernet header of its own', 'replication', r'private-.*',
     'As for outputs with a VLAN tag.'),
    ('A packet through the whole worker', 'worker', r'worker-.*',
     'Receive, judge, look up, replicate, send. testpmd forwards between the same devices without '
     'looking at a packet (`io`), or swaps its addresses (`macswap`); rates are for a core\'s full '
     'time. `floor` receives and sends as the worker does, and only counts references between. '
     '`kernel`: Linux routes it, from one veth to others, as smcrouted told it; its own cost, with '
     'no application.'),
    ('Delay through one worker, to four outputs', 'latency', r'(latency|spread)-.*',
     'Ring to ring, at 10, 50 and 90 % of what the thread that sends and collects can do with it; '
     '`spread` lies between the first and the last copy of a packet. On a shared machine the '
     'highest shares are the machine\'s: the floor has them too.'),
    ('From a report to the first copy', 'delay', r'(join|leave)-.*',
     'From an IGMP report on the wire to the first copy, and from a leave to the last less the '
     'last-member time; worker and control take turns on one thread.'),
    ('IGMP in the control core', 'records', r'records-.*',
     'What a record of a report costs, what is refused at 200,000 a second, and the longest turn '
     'under the costliest reports.'),
    ('DVMRP in the control core', 'routes', r'routes-.*',
     'The way to a source among 100,000 routes; then 10,000 of these are lost and come back, '
     'under 4,000 streams: the longest turn of control, and all its time (four minutes of '
     'protocol, other routes\' reports included).'),
]
# What the README shows of that: (figure, baseline)
KEY = [
    ('lookup', r'lookup-(hit|miss)-\d+', 'rte_hash'),
    ('lookup', r'lookup-published-\d+', 'quiet'),
    ('replication', r'replication-(null|ring)-64B-fan16', r'floor|header|clone'),
    ('replication', r'private-(null|ring)-(64|1500)B-fan16', 'clone'),
    ('worker', r'worker-(fan1|two-to-one|rate-2)', r'testpmd-.*'),
    ('worker', r'worker-copy-fan16', 'floor|kernel'),
    ('worker', r'worker-flows-\d+|worker-published', r'one-flow|quiet'),
    ('latency', r'(latency|spread)-(p50|p99)-load(10|90)', 'floor'),
]
PLOTS = {'replication-null.svg': 'cost of a copy by fan-out', 'lookup-hit.svg': 'cost of a lookup',
         'worker-rate.svg': 'rate against workers'}

PAPER = '''## Real NICs on paper

No NIC was there to measure with. What follows takes the costs above (`worker-copy-fan*`, null
drivers) and computes how many cores forward line rate, one input to 1, 4 or 16 outputs of the same
speed, all frames alike. In brackets, what gives out whatever the cores: the port's PCIe (4.0 x16,
230 Gbit/s each way, 32 bytes of descriptors a frame), memory (eight channels of DDR4-3200 at three
quarters, the payload once in and once out for each copy), or a single transmit queue (30 million
frames a second).

{table}

A NIC's driver costs more than a null driver: doorbells, descriptors, completions; and it frees what
it sends a ring later, from colder memory: the rows of replication against `ring` show what that
alone does. So these are the fewest cores; on the host, look at this:

- One flow is one core's: RSS spreads flows by their addresses, and all packets of a (source, group)
  pair come in on one queue. Its ceiling is the rate of one worker. `show workers` names the core.
- `mcastctl show ports`: RSS is on, queues are as many as workers, *missed* stays 0. It grows when
  packets come faster than the worker takes them; NOW near 100 % and full bursts in `show workers`
  say which.
- NODE in `mcastctl show ports` and `show workers`: each port has workers on its own NUMA node; what
  is amiss is logged at the start and stands below both tables. `lscpu | grep NUMA` tells whose node
  a core is, `cat /sys/bus/pci/devices/ADDRESS/numa_node` a port's (-1: the machine does not say),
  `/sys/devices/system/node/node*/hugepages/*/free_hugepages` where there is memory for its pools.
- The second table of `show workers`: receive rings that stay well below their size. One that fills
  belongs to a worker that is behind; a full transmit ring to a port that cannot send more; a full
  relay to a worker that sends for others and does not come to it.
- `lspci -vv -s ADDRESS | grep LnkSta`: the link has the width and speed that the slot promises.
- `cat /proc/cmdline`: isolcpus, nohz_full and rcu_nocbs name the workers' cores;
  `cpupower frequency-info`: they run at full speed.
- `dpdk-testpmd --forward-mode=io` on the same ports and cores gives the host's own ceiling; compare
  with the `testpmd` rows above.
- At 64 bytes first, then at 1518: when only small frames fall short it is cores or queues, when
  only large ones do it is PCIe or memory.
'''


def times(ratio):
    return f'{ratio:.2f}' if ratio < 10 else f'{ratio:.0f}'


def table(figures):
    lines = ['| figure | mcastd | unit | against | | times better |',
             '| --- | ---: | --- | --- | ---: | ---: |']
    for figure in figures:
        baseline = figure.get('baseline')
        theirs = f'{baseline["name"]} | {number(baseline["value"])}' if baseline else ' | '
        better = times(figure['ratio']) if baseline else ''
        lines.append(f'| {figure["name"]} | {number(figure["value"])} | {figure["unit"]} | '
                     f'{theirs} | {better} |')
    return '\n'.join(lines)


def machine_of(result):
    machine = result['machine']
    shared = ('shared with another thread of its core' if result['calibration']['shared']
              else 'not shared')
    kind = 'virtual machine' if machine['virtual'] else 'machine'
    return (f'{machine["date"]}, {kind} with {machine["cores"]} cores of {machine["cpu"]}, '
            f'{machine["kernel"]}, {machine["compiler"]}, DPDK {machine["dpdk"]}; before and after, '
            f'the core was {shared}')


def kept(results, bench):
    file = results / f'{bench}.json'
    return json.loads(file.read_text()) if file.exists() else None


def key_figures(results):
    for bench, pattern, baseline in KEY:
        for figure in (kept(results, bench) or {'figures': []})['figures']:
            against = figure.get('baseline', {}).get('name', '')
            if re.fullmatch(pattern, figure['name']) and re.fullmatch(baseline, against):
                yield figure


def performance(results):
    parts = ['# Performance', '',
             'Written by `scripts/bench --write` from what `scripts/bench` measured: medians, each '
             'figure and its baseline turn about in one run. "Times better" is the ratio; below 1 '
             'the baseline is better, as a floor must be.', '']
    for heading, bench, pattern, sentence in TABLES:
        if result := kept(results, bench):
            figures = [f for f in result['figures'] if re.fullmatch(pattern, f['name'])]
            parts += [f'## {heading}', '', sentence, '', table(figures), '',
                      f'Measured {machine_of(result)}.', '']
    for file, words in PLOTS.items():
        parts += [f'![{words}](plots/{file})', '']
    if kept(results, 'worker'):
        parts.append(PAPER.format(table=line_rate.table(results)))
    return '\n'.join(parts)


def write(root, results, plots):
    (root / 'docs' / 'performance.md').write_text(performance(results))
    (root / 'docs' / 'plots').mkdir(exist_ok=True)
    for file in PLOTS:
        if (plots / file).exists():
            shutil.copy(plots / file, root / 'docs' / 'plots' / file)
    readme = root / 'README.md'
    text = readme.read_text()
    begin, end = text.index(BEGIN), text.index(END)
    worker = kept(results, 'worker') or kept(results, 'lookup')
    section = (f'{table(key_figures(results))}\n\nMeasured {machine_of(worker)}. '
               'All figures, and real NICs on paper: [docs/performance.md](docs/performance.md).')
    readme.write_text(f'{text[:begin]}{BEGIN}\n\n{section}\n\n{text[end:]}')
