"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  button.hidden = false;
  button.addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("figure details")) part.open = true;
  });

  const table = document.getElementById("trial-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const first = rows.slice();

  const number = (text) => {
    const value = parseFloat(text.replace("\u2212", "-").replace(/,/g, ""));
    return Number.isNaN(value) ? null : value;
  };
  const compare = (column, numeric, sign) => {
    const keys = new Map(rows.map((row) => {
      const text = row.cells[column].textContent;
      return [row, numeric ? number(text) : text];
    }));
    return (a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      return sign * (numeric ? x - y : x.localeCompare(y));
    };
  };

  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const sorter = document.createElement("button");
    sorter.type = "button";
    sorter.textContent = head.textContent;
    head.replaceChildren(sorter);
    sorter.addEventListener("click", () => {
      const state = head.getAttribute("aria-sort");
      for (const other of heads) other.removeAttribute("aria-sort");
      const next = { ascending: "descending", descending: null }[state];
      const order = next === undefined ? "ascending" : next;
      if (order) head.setAttribute("aria-sort", order);
      const sorted = order
        ? rows.slice().sort(compare(column, head.classList.contains("n"), order === "ascending" ? 1 : -1))
        : first;
      body.append(...sorted);
    });
  });

  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  let texts = null;
  const apply = () => {
    texts = texts || rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join(" ").toLowerCase());
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = words.length ? `${count} of ${rows.length} trials` : "";
  };
  document.getElementById("tools").hidden = false;
  filter.addEventListener("input", apply);
})();
