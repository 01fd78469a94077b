"""What a benchmark found, and how it is shown."""
import dataclasses
import statistics


@dataclasses.dataclass
class Figure:
    """One number, what it is held against, and the goal for it.

    goal: what `ratio` (where there is a floor or a peer) or else `value` must
    be: at most, or with at_least at least.  None: for information."""
    what: str
    values: list
    unit: str
    against: str = ""        # the floor or the peer, in words
    floor: list = None
    goal: float = None
    at_least: bool = False
    more_is_better: bool = False  # ratio = floor / value

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def ratio(self):
        if not self.floor:
            return None
        floor = statistics.median(self.floor)
        if self.more_is_better:
            return floor / self.value
        return self.value / floor

    @property
    def met(self):
        if self.goal is None:
            return None
        held = self.value if self.ratio is None else self.ratio
        return held >= self.goal if self.at_least else held <= self.goal

    def as_dict(self):
        return {**dataclasses.asdict(self), "value": self.value,
                "ratio": self.ratio, "met": self.met,
                "floor_value": statistics.median(self.floor)
                if self.floor else None}


def number(x):
    """As many digits as mean something."""
    if x is None:
        return ""
    if abs(x) >= 100:
        return f"{x:,.0f}"
    return f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


def held_against(figure):
    if figure["floor_value"] is None:
        return ""
    return f"{figure['against']}: {number(figure['floor_value'])}"


def goal(figure):
    if figure["goal"] is None:
        return ""
    sign = "≥" if figure["at_least"] else "≤"
    times = " ×" if figure["ratio"] is not None else ""
    word = "met" if figure["met"] else "missed"
    return f"{sign} {number(figure['goal'])}{times}, {word}"


def spread(figure):
    low, high = min(figure["values"]), max(figure["values"])
    return f"{number(low)} to {number(high)}" if low != high else ""


def row(figure):
    ratio = number(figure["ratio"]) + " ×" if figure["ratio"] else ""
    return [figure["what"], f"{number(figure['value'])} {figure['unit']}",
            spread(figure), held_against(figure), ratio, goal(figure)]


def text(result):
    """For a terminal."""
    rows = [row(f) for f in result["figures"]]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    return "\n".join([result["name"]] + [
        "  " + "  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip()
        for r in rows])


HEAD = """# Benchmarks

Written by `bench/run`; do not edit. Medians; *spread* is the lowest and the
highest of the rounds. What a figure is held against was measured in the same
run. Servers in these figures are labs on the same machine, which take their
share of its processors: seconds of our own process say more than rates.
"""


def section(result):
    """Its part of docs/benchmarks.md."""
    return (f"{result['name']}\n\n{result['about']}\n\n"
            f"`{result['command']}`, {result['date']}, "
            f"{result['machine']}.\n\n"
            "| what | median | spread | held against | ratio | goal |\n"
            "| --- | --- | --- | --- | --- | --- |\n" + "".join(
                "| " + " | ".join(row(f)) + " |\n"
                for f in result["figures"]))


def page(results, names, before=""):
    """For docs/benchmarks.md, in the order of names.  before: the page as it
    was; what it says of a benchmark that is not among the results stays."""
    parts = {part.split("\n", 1)[0]: part
             for part in before.split("\n## ")[1:]}
    parts.update((result["name"], section(result)) for result in results)
    return HEAD + "".join(f"\n## {parts[name]}" for name in names
                          if name in parts)
