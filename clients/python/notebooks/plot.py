"""Bars for the notebooks, so that they need nothing to be installed: SVG in a browser, text elsewhere."""

from html import escape

COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2")
WIDTH, ROW, LEFT, RIGHT = 640, 18, 150, 60


class Bars:
    """Groups of bars: `groups` is {"one process": {"Rss": 240, "Pss": 240}, ...}."""

    def __init__(self, title, groups, unit):
        self.title, self.groups, self.unit = title, groups, unit
        self.most = max(value for bars in groups.values() for value in bars.values()) or 1

    def __repr__(self):
        lines = ["%s (%s)" % (self.title, self.unit)]
        for group, bars in self.groups.items():
            for name, value in bars.items():
                lines.append("%-28s %-4s %-40s %d" % (group, name, "#" * round(40 * value / self.most), value))
        return "\n".join(lines)

    def _repr_svg_(self):
        parts, y = [], 40
        for group, bars in self.groups.items():
            parts.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 8, y + 12, escape(group)))
            for colour, (name, value) in zip(COLOURS, bars.items()):
                width = (WIDTH - LEFT - RIGHT) * value / self.most
                parts.append(
                    '<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (LEFT, y, width, ROW - 4, colour)
                )
                parts.append(
                    '<text x="%.1f" y="%d">%s %d</text>' % (LEFT + width + 6, y + 12, escape(name), value)
                )
                y += ROW
            y += ROW // 2
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
            '<rect width="100%%" height="100%%" fill="white"/>'
            '<text x="8" y="20" font-weight="bold">%s (%s)</text>%s</svg>'
        ) % (WIDTH, y, escape(self.title), escape(self.unit), "".join(parts))
