// What every page has: light and dark, contents that follow the reader, paper.
const fitgap = {
  // Make an element, or an SVG element, with its attributes and what stands in it.
  make(name, attributes = {}, ...inside) {
    const isDrawing = /^(svg|g|path|text|line|circle|rect|title|desc|clipPath|defs)$/.test(name);
    const element = isDrawing
      ? document.createElementNS("http://www.w3.org/2000/svg", name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  },
  // Say something to those who do not see that it happened.
  announce(text) {
    fitgap.status ??= document.body.appendChild(fitgap.make("div", { role: "status", class: "unseen" }));
    fitgap.status.textContent = text;
  },
  number(text) {
    const value = parseFloat(text.replace(/\u2212/g, "-").replace(/,/g, ""));
    return Number.isNaN(value) ? null : value;
  },
  // Write a number to three significant digits, as the page does.
  write(value) {
    if (!Number.isFinite(value)) return "\u2013";
    const size = Math.abs(value);
    if (size && (size >= 1e6 || size < 1e-4)) return value.toExponential(2).replace(/-/g, "\u2212");
    const decimals = size ? Math.max(0, 2 - Math.floor(Math.log10(size))) : 0;
    const text = value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return text.replace("-", "\u2212");
  },
};

(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const now = root.dataset.theme || (dark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
    });
  }

  const links = new Map();
  for (const link of document.querySelectorAll(".top nav a[href^='#']")) {
    const target = document.getElementById(link.hash.slice(1));
    if (target) links.set(target.id === "main" ? target.querySelector("h1") || target : target.closest("section") || target, link);
  }
  const inView = new Set();
  const follow = () => {
    const at = Array.from(links.keys()).findLast((part) => inView.has(part));
    if (!at) return;
    for (const [part, link] of links) {
      if (part !== at) { link.removeAttribute("aria-current"); continue; }
      if (link.getAttribute("aria-current")) continue;
      link.setAttribute("aria-current", "location");
      const list = link.closest("nav"), box = link.getBoundingClientRect(), around = list.getBoundingClientRect();
      if (box.left < around.left || box.right > around.right) list.scrollLeft += box.left - around.left - around.width / 3;
      if (box.top < around.top || box.bottom > around.bottom) list.scrollTop += box.top - around.top - around.height / 3;
    }
  };
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? inView.add(entry.target) : inView.delete(entry.target);
    follow();
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const part of links.keys()) observer.observe(part);

  // Paper shows how each figure is read, and the numbers that the reader has opened.
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("figure details.reading:not([open])")) {
      part.open = true;
      opened.push(part);
    }
  });
  addEventListener("afterprint", () => {
    for (const part of opened.splice(0)) part.open = false;
  });
})();
