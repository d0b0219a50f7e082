"""Pictures of the two fingers: where they are at each step of a problem, and what the table writes and keeps."""

from extensions.any_length import fingers
from extensions.any_length.problems import OPERATIONS

from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.figure import Figure

SHOWN = {"add": ("99958", "67"), "subtract": ("1025", "67"), "multiply": ("958", "7"), "divide": ("6706", "7")}
KEPT = {"add": "carry", "subtract": "borrow", "multiply": "carry", "divide": "remainder"}
COLORS = "tab:blue", "tab:orange"  # of the fingers


def watch(table, a, b):
    """Return the text of a problem, and for each step the fingers' places, the character written, and a caption."""
    operation, text = OPERATIONS[table.operation], f" {a}{OPERATIONS[table.operation].sign}{b}="
    written, _ = fingers.solve(table, a, b)
    places, _ = fingers.read(fingers.program_of(table), fingers.to_indices(text)[None], len(written) + 1)
    steps, kept = [], 0
    for place, character in zip(places[0].tolist(), written + " ", strict=True):
        x, y = (text[i] for i in sorted(place))
        caption = "nothing is left: the end"
        if character != " ":
            read = [z for z in (x, y) if z.isdigit()] if x.isdigit() or not operation.one_digit else []
            terms = operation.sign.join(read)
            if kept and table.operation == "divide":
                terms = f"{kept}{terms}"
            elif kept:
                terms += f"{'-' if table.operation == 'subtract' else '+'}{kept}"
            digit, kept = operation.step(*(int(z) if z.isdigit() else 0 for z in (x, y)), kept)
            caption = f"{terms.lstrip('+')}: write {digit}, {KEPT[table.operation]} {kept}"
        if y == operation.sign:
            caption += f" ({b} is read: its finger rests on {y})"
        steps.append((*place, character, caption))
    return text, steps


def picture(tables):
    """Return a matplotlib Figure that shows, for each operation, where the fingers are at each step."""
    figure = Figure(figsize=(9, 6), dpi=100, layout="constrained")
    figure.suptitle("From problems and answers alone, the fingers have learned where the next digits are")
    for axes, (name, table) in zip(figure.subplots(2, 2).flat, tables.items(), strict=False):
        text, steps = watch(table, *SHOWN[name])
        for finger, (marker, color) in enumerate(zip("os", COLORS, strict=True)):
            axes.plot([step[finger] for step in steps], range(len(steps)), marker + "-", color=color)
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(text)), text, family="monospace", size=13)
        axes.tick_params(length=0)
        axes.set_yticks(range(len(steps)), [caption.partition(" (")[0] for *_, caption in steps], size=9)
        axes.set(ylim=(len(steps) - 0.5, -0.5), xlim=(-0.6, len(text) - 0.4))
    return figure


def animation(tables):
    """Return an animation of a problem of each operation: the fingers, what is written, and a caption at each step."""
    frames = []
    for name, table in tables.items():
        (a, b), sign = SHOWN[name], OPERATIONS[name].sign
        text, steps = watch(table, a, b)
        frames += [(text, steps[: i + 1], steps[i][-1]) for i in range(len(steps))]
        written = "".join(character for _, _, character, _ in steps).strip()
        answer = written if name == "divide" else written[::-1]
        frames += [(text, steps, f"{a}{sign}{b}={answer.lstrip('0')}: proved at every length")] * 2
    figure = Figure(figsize=(9, 3), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    font = {"family": "monospace", "size": 34, "ha": "center", "va": "center"}

    def draw_frame(i):
        text, steps, caption = frames[i]
        axes.clear()
        axes.set(xlim=(-0.6, 9.6), ylim=(-3.1, 0.6))
        axes.axis("off")
        for place, character in enumerate(text):
            axes.text(place, 0, character, **font)
        for place, (*_, character, _) in enumerate(steps):
            axes.text(place + 1, -1.5, character, weight="bold", **font)
        first, second, *_ = steps[-1]
        for place, marker, color in zip((first, second), "^s", COLORS, strict=True):
            axes.plot(place, -0.7, marker, markersize=16, color=color)
        axes.text(4.5, -2.6, caption, size=17, ha="center", va="center")

    return FuncAnimation(figure, draw_frame, frames=len(frames))


def draw(tables, folder):
    """Write animation.gif into a folder, and return the picture. tables: a dict of name -> Table."""
    animation(tables).save(folder / "animation.gif", PillowWriter(fps=0.8))
    return picture(tables)
