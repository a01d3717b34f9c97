// Figures as SVG files, and tables as CSV files that no spreadsheet takes for formulas.
(() => {
  const { make } = fitgap;
  const BETWEEN = 16, COLUMNS = 3;
  const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
  const about = slug(document.querySelector(".eyebrow bdi")?.textContent || "") || "report";

  const save = (name, type, text) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  // The drawings carry the light colours; only the page's style sheet recolours them.
  const figureFile = (figure, title, finding) => {
    const panels = Array.from(figure.querySelectorAll(".panel > svg"), (drawing) => drawing.cloneNode(true));
    const whole = make("svg", { role: "img" }, make("title", {}, title), make("desc", {}, finding));
    let left = 0, top = 0, rowHeight = 0, width = 0;
    const placed = panels.map((panel, k) => {
      const { width: wide, height: high } = panel.viewBox.baseVal;
      if (k && k % COLUMNS === 0) [left, top, rowHeight] = [0, top + rowHeight + BETWEEN, 0];
      for (const part of panel.querySelectorAll(".overlay")) part.remove();
      for (const part of panel.querySelectorAll("[data-trials]")) part.removeAttribute("data-trials");
      for (const key of ["data-axes", "role", "aria-label", "class"]) panel.removeAttribute(key);
      for (const [key, value] of Object.entries({ x: left, y: top, width: wide, height: high })) panel.setAttribute(key, value);
      left += wide + BETWEEN;
      rowHeight = Math.max(rowHeight, high);
      width = Math.max(width, left - BETWEEN);
      return panel;
    });
    const height = top + rowHeight;
    for (const [key, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) whole.setAttribute(key, value);
    whole.append(make("rect", { width: "100%", height: "100%", fill: "#ffffff" }), ...placed);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(whole)}\n`;
  };

  const isNumber = (text) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const cell = (element, isNumeric) => {
    let text = (element?.textContent || "").trim();
    if (isNumeric) {
      const plain = text.replace(/\u2212/g, "-").replace(/,/g, "");
      if (text === "\u2013") text = "";
      else if (isNumber(plain)) text = plain;
    }
    if (/^[=+\-@\t\r]/.test(text) && !isNumber(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const tableFile = (table) => {
    const heads = Array.from(table.tHead.rows[0].cells);
    const numeric = heads.map((head) => head.classList.contains("n"));
    const lines = [heads.map((head) => cell(head, false))];
    for (const row of table.tBodies[0].rows) {
      if (!row.hidden) lines.push(heads.map((_, k) => cell(row.cells[k], numeric[k])));
    }
    return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
  };

  const button = (kind, title, write) => {
    const made = make("button", { type: "button", class: "plain", "aria-label": `Download ${kind}: ${title}` }, `Download ${kind}`);
    made.addEventListener("click", write);
    return made;
  };
  const svgButton = (figure, title, id) => {
    const finding = figure.querySelector("figcaption")?.textContent || title;
    return button("SVG", title, () => save(`${about}-${id}.svg`, "image/svg+xml", figureFile(figure, title, finding)));
  };
  const csvButton = (table, title, id) => button("CSV", title, () => save(`${about}-${id}.csv`, "text/csv;charset=utf-8", tableFile(table)));

  for (const section of document.querySelectorAll("main section")) {
    const heading = section.querySelector("h2");
    const figure = section.querySelector("figure");
    const table = section.querySelector("table");
    if (!heading || !table) continue;
    const title = heading.textContent.trim(), id = heading.id;
    const buttons = make("p", { class: "downloads" });
    if (figure?.querySelector(".panel > svg")) buttons.append(svgButton(figure, title, id));
    buttons.append(csvButton(table, title, id));
    if (figure) (figure.querySelector(".beside") || figure).append(buttons);
    else (table.id === "trial-table" && document.getElementById("tools") || section).append(buttons);
  }
})();
