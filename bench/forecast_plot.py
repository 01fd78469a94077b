"""A migration's forecasts over its course, as an SVG: the band from P50 to
P90 of the end against the end as it came."""

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 40, 46


def scale(low, high, start, end):
    span = (high - low) or 1
    return lambda v: start + (v - low) / span * (end - start)


def path(points, x, y):
    return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)


def ticks(high, step):
    value = 0
    while value <= high:
        yield value
        value += step


def plot(where, course, end, migration):
    """course: (percent done, now, seconds to P50, to P90), from its start."""
    begun = course[0][1]
    hours = [(now - begun, now + p50 - begun, now + p90 - begun)
             for _, now, p50, p90 in course]
    hours = [tuple(v / 3600 for v in row) for row in hours]
    truth = (end - begun) / 3600
    top = 1.08 * max(truth, *(row[2] for row in hours))
    step = next(s for s in (0.5, 1, 2, 4, 6, 12, 24, 48, 96) if top / s <= 9)
    x = scale(0, truth, LEFT, WIDTH - RIGHT)
    y = scale(0, top, HEIGHT - BOTTOM, TOP)
    band = [(t, p90) for t, _, p90 in hours]
    band += [(t, p50) for t, p50, _ in reversed(hours)]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} '
           f'{HEIGHT}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{LEFT}" y="20" font-size="14">One migration of '
           f'{len(migration.mailboxes)} mailboxes: the end, as it was '
           'forecast and as it came</text>']
    for value in ticks(top, step):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}"'
                   f' y2="{y(value):.1f}" stroke="#ddd"/><text x="{LEFT - 6}" '
                   f'y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in ticks(truth, step):
        out.append(f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                   f'text-anchor="middle">{value:g}</text>')
    out += [f'<polygon points="{path(band, x, y)}" fill="#9ecae1"/>',
            f'<polyline points="{path([r[:2] for r in hours], x, y)}" '
            'fill="none" stroke="#08519c" stroke-width="2"/>',
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(truth):.1f}" '
            f'y2="{y(truth):.1f}" stroke="#d94801" stroke-width="2" '
            'stroke-dasharray="6 4"/>',
            f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">'
            'hours since the beginning (line: P50; band: up to P90; dashes: '
            'the end)</text>',
            f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" '
            f'transform="rotate(-90 16 {HEIGHT / 2})">end, in hours</text>',
            "</svg>"]
    where.write_text("\n".join(out) + "\n")
