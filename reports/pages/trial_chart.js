// One small panel of curves over epochs.
(() => {
  const { make, write } = fitgap;
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [360, 200, 46, 66, 34, 34];
  const SHAPES = [
    "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", "M-2.6-2.6h5.2v5.2h-5.2z",
    "M0-3.4l3.2 5.8h-6.4z", "M0-3.8l3.3 3.8-3.3 3.8-3.3-3.8z",
  ];
  const DASHES = ["", "7 3", "2 2.5", "9 3 2 3"];
  let panels = 0;

  const median = (values) => values.slice().sort((a, b) => a - b)[values.length >> 1];
  const ticks = (low, high, most, steps = [1, 2, 2.5, 5, 10]) => {
    const rough = (high - low) / most, size = 10 ** Math.floor(Math.log10(rough));
    const step = size * steps.find((one) => one * size >= rough * (1 - 1e-9));
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(k * step);
    return found;
  };
  // A loss axis shows the floor of the curves, not their start; a score axis shows everything.
  fitgap.limits = (curves, isLoss) => {
    const known = curves.map((one) => one.filter(Number.isFinite)).filter((one) => one.length);
    if (!known.length) return [0, 1];
    const all = known.flat();
    let low = Math.min(...all), high = Math.max(...all);
    if (isLoss) {
      high = Math.min(high, 3 * Math.max(...known.map((one) => Math.max(median(one), one[one.length - 1]))));
      if (low < 0.6 * high) low = 0;
    }
    const margin = 0.05 * (high - low) || Math.max(Math.abs(high), 1e-3) * 0.05;
    return [low === 0 ? 0 : low - margin, high + margin];
  };

  // lines: [{name, epochs, values, ink, place}]; the place gives dash and mark.
  fitgap.chart = ({ title, lines, limits, last, best, shade }) => {
    const [low, high] = limits, right = WIDTH - RIGHT, floor = HEIGHT - BOTTOM;
    const x = (epoch) => LEFT + ((epoch - 1) / Math.max(last - 1, 1)) * (right - LEFT);
    const y = (value) => floor - ((value - low) / (high - low)) * (floor - TOP);
    const clip = `chosen-clip-${panels += 1}`;
    const drawing = make("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title} over ${last} epochs: ${lines.map((line) => `${line.name} ends at ${write(line.values[line.values.length - 1])}`).join(", ")}.`,
    });
    drawing.append(
      make("clipPath", { id: clip }, make("rect", { x: LEFT, y: TOP - 4, width: right - LEFT + 4, height: floor - TOP + 8 })),
      make("text", { x: 4, y: 15, class: "title" }, title),
      make("line", { x1: LEFT, x2: right, y1: floor, y2: floor, class: "axis" }),
      make("text", { x: right, y: HEIGHT - 4, class: "tick", "text-anchor": "end" }, "epoch"),
    );
    for (const tick of ticks(low, high, 4)) {
      drawing.append(
        make("line", { x1: LEFT, x2: right, y1: y(tick), y2: y(tick), class: "grid" }),
        make("text", { x: LEFT - 5, y: y(tick) + 4, class: "tick", "text-anchor": "end" }, String(+tick.toPrecision(6)).replace("-", "\u2212")),
      );
    }
    for (const tick of ticks(1, Math.max(last, 6), 5, [1, 2, 5, 10])) {
      if (tick <= last) drawing.append(make("text", { x: x(tick), y: floor + 15, class: "tick", "text-anchor": "middle" }, String(tick)));
    }
    const inside = make("g", { "clip-path": `url(#${clip})` });
    const points = (line) => line.epochs.map((epoch, k) => [x(epoch), y(line.values[k])]).filter((one) => Number.isFinite(one[1]));
    const path = (list) => list.map((one) => one.map((value) => value.toFixed(1)).join(" ")).join("L");
    if (shade && lines.length === 2) {
      const [one, other] = lines.map(points);
      if (one.length && other.length) inside.append(make("path", { d: `M${path(one)}L${path(other.reverse())}z`, class: "shade" }));
    }
    if (best) inside.append(make("line", { x1: x(best), x2: x(best), y1: TOP, y2: floor, class: "best" }));
    const ends = [];
    for (const line of lines) {
      const list = points(line);
      if (!list.length) continue;
      const style = { class: `ink-${line.ink}`, stroke: "currentColor", fill: "none" };
      inside.append(make("path", { ...style, d: `M${path(list)}`, "stroke-width": 1.8, "stroke-dasharray": DASHES[line.place] || "none" }));
      const step = Math.max(1, Math.floor(list.length / 5));
      list.forEach(([left, top], k) => {
        if (k % step === 0 || k === list.length - 1) {
          inside.append(make("path", { class: `ink-${line.ink}`, fill: "currentColor", d: SHAPES[line.place], transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})` }));
        }
      });
      ends.push({ name: line.name, ink: line.ink, left: list[list.length - 1][0], top: Math.min(Math.max(list[list.length - 1][1], TOP), floor) });
    }
    drawing.append(inside);
    ends.sort((a, b) => a.top - b.top);
    ends.forEach((end, k) => { if (k) end.top = Math.max(end.top, ends[k - 1].top + 12); });
    for (const end of ends) {
      drawing.append(make("text", { x: end.left + 6, y: end.top + 4, class: `name ink-${end.ink}`, fill: "currentColor" }, end.name.slice(0, 12)));
    }
    const cursor = make("line", { y1: TOP, y2: floor, class: "cursor", visibility: "hidden" });
    drawing.append(cursor);
    return {
      drawing,
      show(epoch) {
        cursor.setAttribute("x1", x(epoch));
        cursor.setAttribute("x2", x(epoch));
        cursor.setAttribute("visibility", "visible");
      },
      epochAt(event) {
        const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
        const share = (place.x - LEFT) / (right - LEFT);
        return Math.min(last, Math.max(1, Math.round(1 + share * (last - 1))));
      },
    };
  };
})();
