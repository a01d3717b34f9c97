// The marks of figures that stand for trials: their values under the pointer or by the arrow keys.
(() => {
  const { make, write } = fitgap;
  const REACH = 14; // how far from a mark the pointer may be, in units of the drawing
  const drawings = Array.from(document.querySelectorAll("svg[data-axes]"));
  if (!drawings.length) return;
  const hover = document.body.appendChild(make("div", { id: "hover", role: "tooltip" }));
  hover.hidden = true;
  const rowOf = (id) => {
    const row = document.getElementById(id);
    return row instanceof HTMLTableRowElement ? row : null;
  };

  const marksOf = (drawing) => {
    const found = [];
    for (const part of drawing.querySelectorAll("[data-trials]")) {
      const names = part.dataset.trials.split(" ");
      const numbers = part.localName === "path"
        ? part.getAttribute("d").match(/-?[\d.]+/g).map(Number)
        : Array.from(part.children).flatMap((use) => [Number(use.getAttribute("x")), Number(use.getAttribute("y"))]);
      names.forEach((id, k) => found.push({ id, x: numbers[2 * k], y: numbers[2 * k + 1] }));
    }
    return found.sort((a, b) => a.x - b.x || a.y - b.y);
  };
  const valueAt = (place, [start, end, low, high], isLog) => {
    const share = (place - start) / (end - start);
    if (Math.abs(share) < 2e-4 || Math.abs(share - 1) < 2e-4) return { text: "beyond the axis" };
    const value = isLog ? low * (high / low) ** share : low + share * (high - low);
    const rounded = Math.abs(value) < 1e-4 * Math.abs(high - low) && !isLog ? 0 : Number(value.toPrecision(4));
    return { value, text: write(rounded) };
  };
  const describe = (drawing, mark) => {
    const axes = JSON.parse(drawing.dataset.axes);
    const own = axes.find(({ x }) => mark.x >= x[0] - 8 && mark.x <= x[1] + 8) || axes[0];
    const row = rowOf(mark.id);
    const x = valueAt(mark.x, own.x, own.log[0]), y = valueAt(mark.y, own.y, own.log[1]);
    const name = own.values[String(Math.round(x.value))];
    // What the table has is exact; a place in the drawing is not quite.
    const column = fitgap.trials?.titles.findIndex((title) => [title, `trainable ${title}`].some((one) => one.toLowerCase() === own.names[0].toLowerCase()));
    if (row && column > 0) x.text = row.cells[column].textContent;
    const isStrip = row && /^(diverged|failed)$/.test(row.cells[1].textContent);
    const known = [`${own.names[0]} ${name || x.text}`, isStrip ? "no result" : `${own.names[1]} ${y.text}`];
    return { title: row ? row.cells[0].textContent : mark.id, verdict: row ? row.cells[1].textContent : "", known };
  };

  const show = (drawing, mark) => {
    const { title, verdict, known } = describe(drawing, mark);
    hover.replaceChildren(make("b", {}, title), ` ${verdict}`, ...known.flatMap((text) => [make("br"), text]));
    hover.hidden = false;
    const at = new DOMPoint(mark.x, mark.y).matrixTransform(drawing.getScreenCTM());
    const { width, height } = hover.getBoundingClientRect();
    hover.style.left = `${Math.max(4, Math.min(at.x + 12, innerWidth - width - 4))}px`;
    hover.style.top = `${at.y + height + 20 > innerHeight ? at.y - height - 10 : at.y + 12}px`;
    ring(drawing, "pointed", [mark]);
    return `${title}, ${verdict}: ${known.join(", ")}`;
  };
  const hide = (drawing) => {
    hover.hidden = true;
    ring(drawing, "pointed", []);
  };
  const ring = (drawing, kind, marks) => {
    for (const old of drawing.querySelectorAll(`.${kind}`)) old.remove();
    drawing.append(...marks.map((mark) => make("circle", { class: `overlay ${kind}`, cx: mark.x, cy: mark.y, r: 6 })));
  };

  for (const drawing of drawings) {
    let marks = null, current = null;
    const ready = () => (marks = marks || marksOf(drawing));
    const section = drawing.closest("section")?.querySelector("h2")?.id || "";
    const choose = (event) => fitgap.choose?.(current.id, event.shiftKey || event.ctrlKey || event.metaKey, section);
    const nearest = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
      let best = null, least = REACH ** 2;
      for (const mark of ready()) {
        const distance = (mark.x - at.x) ** 2 + (mark.y - at.y) ** 2;
        if (distance < least) [best, least] = [mark, distance];
      }
      return best;
    };
    const point = (event) => {
      const mark = nearest(event);
      if (mark === current) return;
      current = mark;
      drawing.classList.toggle("on-mark", Boolean(mark));
      mark ? show(drawing, mark) : hide(drawing);
    };
    drawing.addEventListener("pointermove", point);
    drawing.addEventListener("pointerleave", () => { current = null; hide(drawing); });
    drawing.addEventListener("click", (event) => {
      const before = current;
      point(event);
      // A finger shows the values first, and chooses with the next tap.
      if (current && (event.pointerType !== "touch" || before === current)) { hide(drawing); choose(event); }
    });

    const box = drawing.parentElement;
    const label = drawing.querySelector("text[font-weight]")?.textContent || "trials";
    for (const [key, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": `Marks of ${label}: arrow keys go from trial to trial, Enter shows its curves` })) box.setAttribute(key, value);
    box.addEventListener("keydown", (event) => {
      const all = ready(), step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") return hide(drawing);
      if (event.key === "Enter" && current) { hide(drawing); return choose(event); }
      if (!step || !all.length) return;
      event.preventDefault();
      const place = current ? all.indexOf(current) + step : step > 0 ? 0 : all.length - 1;
      current = all[Math.min(all.length - 1, Math.max(0, place))];
      fitgap.announce(show(drawing, current));
    });
    box.addEventListener("blur", () => hide(drawing));
    document.addEventListener("fitgap:chosen", ({ detail }) => {
      const old = drawing.querySelector(".chosen");
      if (detail.length || old) ring(drawing, "chosen", detail.length ? ready().filter((mark) => detail.includes(mark.id)) : []);
    });
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") hover.hidden = true; });
  addEventListener("scroll", () => { hover.hidden = true; }, { passive: true });
})();
