// Choosing trials: up to four, in the table, in a figure or by the address; their curves beside it.
(() => {
  const panel = document.getElementById("chosen");
  const block = document.getElementById("trial-data");
  if (!panel || !block || !fitgap.trials) return;
  const { make, write, trials } = fitgap;
  const { table, rows, titles } = trials;
  const MOST = 4;
  const GLYPHS = ["●", "■", "▲", "◆"];
  const SERIES = ["series-1", "series-2", "series-3", "series-4"];
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const add = document.getElementById("add");
  const fold = table.closest("details.fold");
  const score = (titles.find((title) => /^Train (?!rows)/.test(title)) || "Train score").slice(6);
  const MEASURES = [["Train loss", "Validation loss"], [`Train ${score}`, `Validation ${score}`]];
  let data = null;
  let offsets = null;
  let chosen = [];
  let from = "";

  // The epochs of a trial that are kept: those of the schedule, its best and its last one.
  const epochsOf = (place) => {
    const last = data.last[place];
    const kept = new Set(data.schedule.filter((epoch) => epoch <= last).concat(last, data.best[place]));
    return Array.from(kept).filter((epoch) => epoch > 0).sort((a, b) => a - b);
  };
  const read = () => {
    if (data) return;
    data = JSON.parse(block.textContent);
    offsets = [0];
    for (let place = 0; place < data.trials; place += 1) offsets.push(offsets[place] + epochsOf(place).length);
  };
  const curvesOf = (place) => {
    if (place >= data.trials || !data.last[place]) return null;
    const epochs = epochsOf(place), missing = 64 ** data.digits - 1;
    const values = [[], [], [], []];
    epochs.forEach((_, point) => {
      for (let measure = 0; measure < 4; measure += 1) {
        const start = ((offsets[place] + point) * 4 + measure) * data.digits;
        let code = 0;
        for (let k = 0; k < data.digits; k += 1) code = code * 64 + LETTERS.indexOf(data.curves[start + k]);
        const [low, high] = data.scales[measure >> 1];
        const value = Math.sinh(low + (code / (missing - 1)) * (high - low)) * data.unit;
        values[measure].push(code === missing ? NaN : measure > 1 ? 1 - value : value);
      }
    });
    return { epochs, values };
  };
  const sentenceOf = (place) => {
    const [pattern, ...numbers] = data.sentences[place] || [];
    if (pattern === undefined) return "";
    return data.patterns[pattern].map((part, k) => part + (numbers[k] ?? "")).join("");
  };
  const nameOf = (place) => rows[place].cells[0].textContent;

  const charts = (members) => {
    const last = Math.max(1, ...members.map((one) => one.curves?.epochs.at(-1) || 1));
    const known = members.filter((one) => one.curves);
    const line = (one, measure, name, ink, place) => ({ name, ink, place, epochs: one.curves.epochs, values: one.curves.values[measure] });
    const drawn = [];
    MEASURES.forEach((names, kind) => {
      const limits = fitgap.limits(known.flatMap((one) => [0, 1].map((side) => one.curves.values[2 * kind + side])), kind === 0);
      if (members.length === 1 && known.length) {
        const lines = [line(known[0], 2 * kind, "train", "train", 1), line(known[0], 2 * kind + 1, "validation", "validation", 0)];
        drawn.push(fitgap.chart({ title: kind ? names[0].slice(6).replace(/^./, (first) => first.toUpperCase()) : "Loss", lines, limits, last, best: data.best[known[0].place], shade: true }));
      } else if (known.length) {
        [1, 0].forEach((side) => {
          const lines = known.map((one) => line(one, 2 * kind + side, one.name, SERIES[one.mark], one.mark));
          drawn.push(fitgap.chart({ title: names[side], lines, limits, last }));
        });
      }
    });
    return { drawn, last };
  };

  // The values at one epoch, which the pointer or the slider chooses.
  const reading = (members, { drawn, last }) => {
    const slider = make("input", { type: "range", min: 1, max: last, step: 1, value: data.best[members[0].place] || last });
    const number = make("b", {}, "");
    const cells = make("tbody");
    const update = () => {
      const epoch = Number(slider.value), told = [];
      number.textContent = String(epoch);
      cells.replaceChildren(...members.filter((one) => one.curves).map((one) => {
        const { epochs, values } = one.curves;
        const at = epochs.reduce((near, each, k) => (Math.abs(each - epoch) < Math.abs(epochs[near] - epoch) ? k : near), 0);
        const texts = values.map((list, measure) => (measure > 1 && Number.isFinite(list[at]) && Math.abs(list[at]) < 10 ? list[at].toFixed(3).replace("-", "\u2212") : write(list[at])));
        told.push(`${one.name} at epoch ${epochs[at]}: train loss ${texts[0]}, validation loss ${texts[1]}, train ${score} ${texts[2]}, validation ${score} ${texts[3]}`);
        return make("tr", {}, make("th", { scope: "row" }, `${one.glyph} ${one.name}`), ...[String(epochs[at]), ...texts].map((text) => make("td", {}, text)));
      }));
      slider.setAttribute("aria-valuetext", told.join("; "));
      for (const one of drawn) one.show(epoch);
    };
    slider.addEventListener("input", update);
    for (const one of drawn) {
      one.drawing.addEventListener("pointermove", (event) => {
        slider.value = one.epochAt(event);
        update();
      });
    }
    update();
    const heads = ["Trial", "Epoch", "Train loss", "Val. loss", `Train ${score}`, `Val. ${score}`];
    return [
      make("label", { class: "epoch" }, "Epoch ", number, slider),
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Values at the epoch" },
        make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), cells)),
    ];
  };

  const settings = (members) => {
    const body = make("tbody");
    titles.forEach((title, column) => {
      if (!column) return;
      const texts = members.map((one) => rows[one.place].cells[column].textContent || "\u2013");
      const differs = new Set(texts).size > 1;
      const head = make("th", { scope: "row" }, title);
      if (differs) head.append(" ", make("span", { title: "differs", "aria-label": "differs", role: "img" }, "≠"));
      body.append(make("tr", differs ? { class: "differs" } : {}, head, ...texts.map((text) => make("td", {}, text))));
    });
    const heads = ["", ...members.map((one) => `${one.glyph} ${one.name}`)];
    const cells = heads.map((head, k) => make(k ? "th" : "td", k ? { scope: "col" } : {}, head));
    const whole = make("table", {}, make("thead", {}, make("tr", {}, ...cells)), body);
    return make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Settings and results" }, whole);
  };

  const draw = () => {
    panel.hidden = !chosen.length;
    table.classList.toggle("with-panel", Boolean(chosen.length));
    rows.forEach((row, place) => {
      const is = chosen.includes(place);
      if (is || row.classList.contains("is-chosen")) {
        row.classList.toggle("is-chosen", is);
        row.cells[0].querySelector("button")?.setAttribute("aria-pressed", is);
      }
    });
    document.dispatchEvent(new CustomEvent("fitgap:chosen", { detail: chosen.map((place) => rows[place].id) }));
    if (!chosen.length) return panel.replaceChildren();
    read();
    const members = chosen.map((place, mark) => ({ place, mark, name: nameOf(place), glyph: GLYPHS[mark], curves: curvesOf(place) }));
    const close = make("button", { type: "button", class: "plain" }, "Close");
    close.addEventListener("click", () => choose([], {}));
    const list = make("ul", { class: "members" }, ...members.map((one) => {
      const remove = make("button", { type: "button", class: "plain", "aria-label": `Remove ${one.name}` }, "✕");
      remove.addEventListener("click", () => {
        choose(chosen.filter((place) => place !== one.place), {});
        (panel.hidden ? rows[one.place].cells[0].querySelector("button") : panel)?.focus();
      });
      const ink = members.length > 1 ? SERIES[one.mark] : "validation";
      return make("li", {},
        make("p", {}, make("span", { class: `ink-${ink}`, "aria-hidden": "true" }, `${one.glyph} `), make("b", {}, one.name), ` ${rows[one.place].cells[1].textContent} `, ...(members.length > 1 ? [remove] : [])),
        make("p", { class: "sentence" }, make("bdi", {}, sentenceOf(one.place))));
    }));
    const pictures = charts(members);
    const missing = members.filter((one) => !one.curves).map((one) => one.name);
    panel.replaceChildren(
      make("div", { class: "head" }, make("h3", {}, members.length > 1 ? `${members.length} trials compared` : `Trial ${members[0].name}`), close),
      list,
      make("div", { class: "charts" }, ...pictures.drawn.map((one) => one.drawing)),
      ...(pictures.drawn.length ? reading(members, pictures) : []),
      ...(missing.length ? [make("p", { class: "muted" }, `No curve here: ${missing.join(", ")}.`)] : []),
      settings(members),
      ...(from ? [make("p", {}, make("a", { href: `#${from}` }, "Back to the figure"))] : []),
    );
  };

  const address = () => (chosen.length ? `#${chosen.map((place) => rows[place].id).filter(Boolean).join("+") || "trials"}` : "#trials");
  const choose = (places, { push = false, figure = "" }) => {
    const kept = places.filter((place, k) => places.indexOf(place) === k).slice(-MOST);
    const dropped = places.length > kept.length;
    chosen = kept;
    from = figure;
    try {
      history[push ? "pushState" : "replaceState"](null, "", address());
    } catch { /* a page inside another has no address of its own */ }
    draw();
    const names = chosen.map(nameOf).join(", ");
    fitgap.announce(names ? `Chosen: ${names}.${dropped ? " Four at most: the first was let go." : ""}` : "No trial is chosen.");
  };
  const toggle = (place, isAdded) => {
    if (!isAdded) return chosen.length === 1 && chosen[0] === place ? [] : [place];
    return chosen.includes(place) ? chosen.filter((other) => other !== place) : [...chosen, place];
  };

  const byId = new Map(rows.map((row, place) => [row.id, place]).filter(([id]) => id));
  fitgap.choose = (id, isAdded, figure) => {
    const place = byId.get(id);
    if (place === undefined) return;
    if (fold) fold.open = true;
    choose(isAdded ? [...chosen, place] : [place], { push: true, figure });
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  };
  const fromAddress = () => {
    // Anchors of trials need no escapes, so an address with broken ones is none of them.
    const places = location.hash.slice(1).replace(/%2B/gi, "+").split("+").map((id) => byId.get(id));
    if (!places.length || places.includes(undefined)) return;
    if (fold) fold.open = true;
    chosen = places.slice(0, MOST);
    from = "";
    draw();
    rows[chosen[0]].hidden = false;
    rows[chosen[0]].scrollIntoView({ block: "center", behavior: "instant" });
  };

  // One button a row; only one of them is in the order of the tab key, arrows reach the others.
  const body = table.tBodies[0];
  const prepare = () => {
    if (table.classList.contains("choosable")) return;
    table.classList.add("choosable");
    rows.forEach((row, place) => {
      const cell = row.cells[0];
      cell.replaceChildren(make("button", { type: "button", "aria-pressed": chosen.includes(place), tabindex: place ? -1 : 0 }, cell.textContent));
    });
  };
  if (fold) fold.addEventListener("toggle", prepare);
  if (!fold || fold.open) prepare();
  body.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || String(getSelection())) return;
    const isAdded = event.shiftKey || event.ctrlKey || event.metaKey || Boolean(add?.checked);
    choose(toggle(trials.place.get(row), isAdded), {});
    const button = row.cells[0].querySelector("button");
    body.querySelector("button[tabindex='0']")?.setAttribute("tabindex", -1);
    button.setAttribute("tabindex", 0);
    button.focus({ preventScroll: true });
  });
  const STEPS = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" };
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr");
    const step = STEPS[event.key];
    if (event.key === "Escape") return choose([], {});
    if (!step || event.target.tagName !== "BUTTON") return;
    let next = row[step];
    while (next && next.hidden) next = next[step];
    if (!next) return;
    event.preventDefault();
    const button = next.cells[0].querySelector("button");
    event.target.setAttribute("tabindex", -1);
    button.setAttribute("tabindex", 0);
    button.focus();
  });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") choose([], {}); });
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
