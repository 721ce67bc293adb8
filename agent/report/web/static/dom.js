// Elements of the page. Text from a run only ever becomes a text node, never markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const code = (text, attributes = {}) => el("pre", { tabindex: "0", ...attributes }, el("code", {}, text));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const count = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;
const whole = (number) => Math.round(number).toLocaleString("en");

function table(head, rows, attributes = {}) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": attributes.caption || head.join(", ") },
    el("table", {},
      attributes.caption ? el("caption", {}, attributes.caption) : null,
      el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, i) => (i ? el("td", {}, cell) : el("th", { scope: "row" }, cell))))))));
}

function details(title, build, attributes = {}) {
  // Its content is made when it is opened for the first time.
  const node = el("details", attributes, el("summary", {}, title));
  node.addEventListener("toggle", () => {
    if (node.open && node.childElementCount === 1) fill(node, {}, [build()]);
  });
  return node;
}

function printAll() {
  // A printed page has the content of all details, those inside others, too.
  const opened = [];
  addEventListener("beforeprint", () => {
    for (let node; (node = document.querySelector("details:not([open])")); opened.push(node)) {
      node.open = true;
      node.dispatchEvent(new Event("toggle")); // its own comes too late
    }
  });
  addEventListener("afterprint", () => opened.splice(0).forEach((node) => { node.open = false; }));
}

function verdict(text) {
  const kind = text === "passed" ? "right" : text === "unjudged" || text === "not scored yet" ? "unknown" : "wrong";
  const mark = { right: "✓ ", wrong: "✗ ", unknown: "? " }[kind];
  return el("span", { class: `verdict ${kind}` }, mark + text);
}
