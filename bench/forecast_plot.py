"""A migration's forecasts over its course, as an SVG: the band from P50 to
P90 of the end against the end as it came."""
WIDTH, HEIGHT = 800, 430
LEFT, RIGHT, TOP, BOTTOM = 66, 22, 92, 52
# readable on white and on black
INK, GRID = "#7d8590", "#7d859055"
BAND, P50, END, EVENT = "#3b82f655", "#3b82f6", "#e36209", "#8957e5"
QUIET = "#7d859022"


def scale(low, high, start, end):
    span = (high - low) or 1
    return lambda v: start + (v - low) / span * (end - start)


def path(points, x, y):
    return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)


def ticks(high, most):
    step = next(s for s in (0.25, 0.5, 1, 2, 4, 6, 12, 24, 48, 96, 192)
                if high / s <= most)
    return [step * i for i in range(int(high / step) + 1)]


def words(x, y, said, **how):
    attributes = "".join(f' {name.replace("_", "-")}="{value}"'
                         for name, value in {"fill": INK, **how}.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{said}</text>'


def legend(truth):
    """Keys and what they are, one after the other."""
    entries = [
        (f'<line x1="0" x2="26" y1="-4" y2="-4" stroke="{P50}" '
         'stroke-width="2.5"/>', "P50: as likely as not by then", 215),
        (f'<rect x="0" y="-11" width="26" height="13" fill="{BAND}"/>',
         "up to P90: nine times in ten", 205),
        (f'<line x1="0" x2="26" y1="-4" y2="-4" stroke="{END}" '
         'stroke-width="2.5" stroke-dasharray="7 4"/>',
         f"the end as it came: {truth:.1f} h", 0)]
    at, out = LEFT, []
    for key, said, wide in entries:
        out.append(f'<g transform="translate({at} 58)">{key}'
                   f'{words(33, 0, said)}</g>')
        at += 33 + wide
    return out


def axes(x, y, across, top):
    out = []
    for value in ticks(top, 9):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                   f'y1="{y(value):.1f}" y2="{y(value):.1f}" '
                   f'stroke="{GRID}"/>')
        out.append(words(LEFT - 8, y(value) + 4, f"{value:g}",
                         text_anchor="end"))
    for value in ticks(across, 12):
        out.append(f'<line x1="{x(value):.1f}" x2="{x(value):.1f}" '
                   f'y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}" '
                   f'stroke="{INK}"/>')
        out.append(words(x(value), HEIGHT - BOTTOM + 19, f"{value:g}",
                         text_anchor="middle"))
    out.append(words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10,
                     "when it was said: hours after the beginning",
                     text_anchor="middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    out.append(words(18, middle, "the end: hours after the beginning",
                     text_anchor="middle",
                     transform=f"rotate(-90 18 {middle})"))
    return out


def quiet_spans(migration, begun, truth):
    """In hours after the beginning."""
    if migration.quiet is None:
        return
    first, last = migration.quiet
    midnight = -(begun / 3600 % 24)
    while midnight < truth:
        low, high = max(midnight + first, 0), min(midnight + last, truth)
        if low < high:
            yield low, high
        midnight += 24


def quiet(spans, x):
    """Shaded; the widest one has the words."""
    out = [f'<rect x="{x(low):.1f}" y="{TOP}" width="{x(high) - x(low):.1f}" '
           f'height="{HEIGHT - BOTTOM - TOP}" fill="{QUIET}"/>'
           for low, high in spans]
    if spans:
        low, high = max(spans, key=lambda span: span[1] - span[0])
        out.append(words(x((low + high) / 2), HEIGHT - BOTTOM - 10,
                         "the source's quiet hours: nothing is copied",
                         text_anchor="middle"))
    return out


def event(x, at, said):
    return [f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{TOP - 8}" '
            f'y2="{HEIGHT - BOTTOM}" stroke="{EVENT}" stroke-width="1.5" '
            'stroke-dasharray="2 3"/>',
            words(x(at), TOP - 13, said, fill=EVENT, text_anchor="middle")]


def lines(hours, truth, x, y):
    band = [(t, p90) for t, _, p90 in hours]
    band += [(t, p50) for t, p50, _ in reversed(hours)]
    return [f'<polygon points="{path(band, x, y)}" fill="{BAND}"/>',
            f'<polyline points="{path([r[:2] for r in hours], x, y)}" '
            f'fill="none" stroke="{P50}" stroke-width="2.5"/>',
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(truth):.1f}" '
            f'y2="{y(truth):.1f}" stroke="{END}" stroke-width="2.5" '
            'stroke-dasharray="7 4"/>']


def summary(hours, truth):
    held = sum(truth <= p90 for _, _, p90 in hours)
    return (f"{held} of {len(hours)} forecasts, one at each 2 % copied, "
            "held by their P90")


def plot(where, course, end, migration):
    """course: (percent done, now, seconds to P50, to P90), from its start."""
    begun = course[0][1]
    hours = [tuple(v / 3600 for v in (now - begun, now + p50 - begun,
                                      now + p90 - begun))
             for _, now, p50, p90 in course]
    truth = (end - begun) / 3600
    top = 1.05 * max(truth, *(row[2] for row in hours))
    x = scale(0, truth, LEFT, WIDTH - RIGHT)
    y = scale(0, top, HEIGHT - BOTTOM, TOP)
    title = (f"When {len(migration.mailboxes)} mailboxes would be done, as it "
             "was said, and when they were")
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} '
           f'{HEIGHT}" font-family="system-ui, sans-serif" font-size="13" '
           'role="img" aria-labelledby="title desc">',
           f'<title id="title">{title}</title>',
           f'<desc id="desc">{summary(hours, truth)}; it took {truth:.1f} '
           'hours.</desc>',
           words(LEFT, 26, title, font_size=16, font_weight="bold"),
           *quiet([*quiet_spans(migration, begun, truth)], x),
           *legend(truth), *axes(x, y, truth, top),
           *lines(hours, truth, x, y)]
    if migration.tightened_at is not None:
        out += event(x, (migration.tightened_at - begun) / 3600,
                     f"the throttle is tightened {migration.tightens:.1f} "
                     "times")
    where.write_text("\n".join([*out, "</svg>"]) + "\n")
