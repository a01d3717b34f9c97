// The table of all trials: sorted by a click on a column's head, filtered by words and comparisons.
(() => {
  const table = document.getElementById("trial-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const first = rows.slice();
  const heads = Array.from(table.tHead.rows[0].cells);
  const titles = heads.map((head) => head.textContent.trim());
  fitgap.trials = { table, rows, titles, place: new Map(rows.map((row, place) => [row, place])) };

  const compare = (column, numeric, sign) => {
    const keys = new Map(rows.map((row) => {
      const text = row.cells[column].textContent;
      return [row, numeric ? fitgap.number(text) : text];
    }));
    return (a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      return sign * (numeric ? x - y : x.localeCompare(y));
    };
  };
  heads.forEach((head, column) => {
    const sorter = fitgap.make("button", { type: "button" }, titles[column]);
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

  const tools = document.getElementById("tools");
  const filter = document.getElementById("filter");
  if (!tools || !filter) return;
  const shown = document.getElementById("shown");
  const signs = {
    "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "=": (a, b) => a === b,
  };
  const plain = (title) => title.toLowerCase().replace(/[\s_-]+/g, "");
  let texts = null;
  // "gap>0.1" compares a column by the start of its name; every other word has to stand in the row.
  const rule = (word) => {
    const [, name, sign, limit] = /^([^<>=]+)(<=|>=|<|>|=)(-?[\d.,e-]+)$/.exec(word) || [];
    const names = titles.map(plain), wanted = name && plain(name);
    const exact = names.indexOf(wanted);
    const column = exact < 0 ? names.findIndex((one) => wanted && one.startsWith(wanted)) : exact;
    if (column >= 0) {
      return (row) => {
        const value = fitgap.number(row.cells[column].textContent);
        return value !== null && signs[sign](value, fitgap.number(limit));
      };
    }
    return (row, index) => texts[index].includes(word);
  };
  const apply = () => {
    texts = texts || rows.map((row) => Array.from(row.cells, (cell) => cell.textContent).join(" ").toLowerCase());
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean).map(rule);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => word(row, index));
      row.hidden = !fits;
      count += fits;
    });
    if (shown) shown.textContent = words.length ? `${count} of ${rows.length} shown` : "";
  };
  tools.hidden = false;
  filter.addEventListener("input", apply);
})();
