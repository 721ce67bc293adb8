// Charts as SVG, each with its figures in words for those who do not see it.
function bars(title, pairs, choose = null) {
  const most = Math.max(1, ...pairs.map(([, number]) => number));
  return el("figure", {},
    el("figcaption", {}, title),
    el("ul", { class: "bars" }, pairs.map(([name, number]) =>
      el("li", {},
        choose && number ? el("button", { type: "button", onclick: () => choose(name) }, name) : el("span", {}, name),
        el("span", { class: "bar", style: `width: ${(55 * number) / most}%`, "aria-hidden": "true" }),
        el("span", { class: "number" }, String(number))))));
}

function costChart(run) {
  const lines = [["the loop, after the single shot and each round", run.cost, "loop"],
    ["drafts alone, chosen by the docstring's examples", run.drafts.chosen, "draws"],
    ["drafts alone, any right one chosen (an upper bound)", run.drafts.best, "bound"]].filter(([, points]) => points.length);
  if (!lines.length) return null;
  const [width, height, left, bottom, top] = [640, 320, 72, 52, 14];
  const all = lines.flatMap(([, points]) => points);
  const mostX = Math.max(...all.map(([x]) => x)) || 1;
  const mostY = Math.max(0.05, ...all.map(([, y]) => y));
  const ticksY = [0, 0.25, 0.5, 0.75, 1].map((part) => part * mostY);
  const x = (value) => left + ((width - left - 16) * value) / mostX;
  const y = (value) => top + (height - bottom - top) * (1 - value / mostY);
  const words = lines.map(([name, points]) => `${name}: ${points.map(([a, b]) => `${percent(b)} for ${whole(a)} tokens`).join(", ")}`);
  const marks = { loop: (px, py) => svg("circle", { cx: px, cy: py, r: 4.5 }), draws: (px, py) => svg("rect", { x: px - 4, y: py - 4, width: 8, height: 8 }), bound: (px, py) => svg("path", { d: `M${px - 5},${py + 4}h10l-5,-9z` }) };
  return el("figure", {},
    el("figcaption", {}, "pass@1 against tokens a problem"),
    svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words.join("; ") },
      ticksY.map((value) => [svg("line", { class: "grid", x1: left, x2: width - 16, y1: y(value), y2: y(value) }),
        svg("text", { x: left - 6, y: y(value) + 5, "text-anchor": "end" }, percent(value))]),
      [0, 0.5, 1].map((part) => svg("text", { x: x(part * mostX), y: height - bottom + 20, "text-anchor": part ? "end" : "start" }, whole(part * mostX))),
      svg("text", { x: (width + left) / 2, y: height - 6, "text-anchor": "middle" }, "tokens a problem"),
      lines.map(([, points, kind]) => svg("g", { class: kind },
        svg("polyline", { points: points.map(([a, b]) => `${x(a)},${y(b)}`).join(" ") }),
        points.map(([a, b]) => marks[kind](x(a), y(b)))))),
    el("ul", { class: "legend" }, lines.map(([name, , kind]) => el("li", { class: kind }, name))));
}
