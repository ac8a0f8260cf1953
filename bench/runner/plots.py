"""SVG drawings of the figures: lines over a logarithmic axis, nothing but the standard library."""
import json
import math
import re

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 40, 50
COLOURS = ('#0b5fa5', '#c0392b', '#2e8b57', '#b7791f', '#6b3fa0', '#555555', '#00838f', '#ad1457')


def escape(text):
    return text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')


def ticks(top):
    """Round steps from 0 to the top."""
    step = 10 ** math.floor(math.log10(top / 2))
    while top / step > 8:
        step *= 2.5 if str(step).startswith('2') else 2
    return [n * step for n in range(math.ceil(top / step) + 1)]


def lines_chart(title, x_label, y_label, series):
    """`series`: name -> [(x, y)]; x on a logarithmic axis, y from 0."""
    points = [point for each in series.values() for point in each]
    xs = sorted({x for x, _ in points})
    marks = ticks(max(y for _, y in points))
    span = math.log2(xs[-1] / xs[0]) or 1

    def at_x(x):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log2(x / xs[0]) / span

    def at_y(y):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / marks[-1]

    def text(x, y, words, more=''):
        return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(words)}</text>'

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           text(LEFT, 22, title, 'font-size="15" font-weight="bold"'),
           text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label, 'text-anchor="middle"'),
           text(16, HEIGHT / 2, y_label,
                f'text-anchor="middle" transform="rotate(-90 16 {HEIGHT / 2})"')]
    for y in marks:
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at_y(y):.1f}" '
                   f'y2="{at_y(y):.1f}" stroke="#ddd"/>')
        out.append(text(LEFT - 8, at_y(y) + 4, f'{y:g}', 'text-anchor="end"'))
    for x in xs:
        out.append(text(at_x(x), HEIGHT - BOTTOM + 18, f'{x:,}', 'text-anchor="middle"'))
    for n, (name, each) in enumerate(series.items()):
        colour = COLOURS[n % len(COLOURS)]
        path = ' '.join(f'{at_x(x):.1f},{at_y(y):.1f}' for x, y in sorted(each))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" fill="{colour}"/>'
                for x, y in each]
        y = TOP + 18 * n + 10
        out.append(f'<rect x="{WIDTH - RIGHT + 14}" y="{y - 9}" width="12" height="10" '
                   f'fill="{colour}"/>')
        out.append(text(WIDTH - RIGHT + 32, y, name))
    return '\n'.join([*out, '</svg>', ''])


def series_of(figures, pattern):
    """name -> points, of figures whose name matches; the group is x, ours and all baselines."""
    series = {}
    for figure in figures:
        match = re.fullmatch(pattern, figure['name'])
        if match and 'baseline' in figure:
            x = int(match.group(1))
            ours = series.setdefault('mcastd', [])
            if (x, figure['value']) not in ours:
                ours.append((x, figure['value']))
            baseline = figure['baseline']
            series.setdefault(baseline['name'], []).append((x, baseline['value']))
    return series


CHARTS = [
    ('replication', 'replication-null', 'A copy of 64 bytes, freed at once',
     'outputs', 'ns a copy', r'replication-null-64B-fan(\d+)'),
    ('replication', 'replication-ring', 'A copy of 64 bytes, kept for a ring of 1,024',
     'outputs', 'ns a copy', r'replication-ring-64B-fan(\d+)'),
    ('lookup', 'lookup-hit', 'A lookup in bursts of 32, of keys that are there',
     'entries', 'ns a key', r'lookup-hit-(\d+)'),
    ('lookup', 'lookup-miss', 'A lookup in bursts of 32, of keys that are not there',
     'entries', 'ns a key', r'lookup-miss-(\d+)'),
    ('worker', 'worker-rate', 'Packets through workers, one output',
     'workers', 'million packets a second', r'worker-rate-(\d+)'),
]


def draw_all(results, folder):
    """Every chart for which there are results."""
    folder.mkdir(parents=True, exist_ok=True)
    for bench, name, title, x_label, y_label, pattern in CHARTS:
        file = results / f'{bench}.json'
        if not file.exists():
            continue
        series = series_of(json.loads(file.read_text())['figures'], pattern)
        if series:
            (folder / f'{name}.svg').write_text(lines_chart(title, x_label, y_label, series))
