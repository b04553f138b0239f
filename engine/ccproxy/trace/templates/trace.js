"use strict";
const { rules, fields } = JSON.parse(document.getElementById("histories").textContent);
const panel = document.getElementById("rule");
const search = document.getElementById("search");
const rowOf = (id) => document.getElementById(id);
const all = [...document.querySelectorAll(".row[id]")];
const idOf = (stage, pointer) => `f${stage}:${pointer}`;

// What is made of a field: the other way round of `from`.
const uses = new Map();
for (const [id, field] of Object.entries(fields))
  for (const source of field.from || [])
    if (source.stage !== undefined) {
      const key = idOf(source.stage, source.pointer);
      if (!uses.has(key)) uses.set(key, []);
      uses.get(key).push(id);
    }

let kept = null;
let shown = null;
let marked = [];

function mark(id, name) {
  const row = rowOf(id);
  if (row) { row.classList.add(name); marked.push([row, name]); }
  return row;
}

function clear() {
  for (const [row, name] of marked) row.classList.remove(name);
  marked = [];
}

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function link(source) {
  const whole = (source.variable ? "$" + source.variable : "") + (source.pointer || (source.variable ? "" : "/"));
  const known = source.stage !== undefined && rowOf(idOf(source.stage, source.pointer));
  if (!known) return element("code", whole);
  const made = element("a", `${source.stage}: ${whole}`);
  made.addEventListener("click", () => keep(known.id));
  return made;
}

function line(label, parts) {
  const made = element("p");
  made.append(element("span", label + " ", "label"));
  parts.forEach((part, number) => { if (number) made.append(", "); made.append(part); });
  return made;
}

function frame(number) {
  const rule = rules[number];
  const box = element("div");
  box.append(element("h4", rule.place));
  const lines = element("pre");
  for (const [at, text] of rule.frame) {
    const row = element("span", undefined, at === rule.line ? "at" : "");
    row.append(element("i", String(at)));
    if (at === rule.line) {
      row.append(text.slice(0, rule.column - 1), element("mark", text.slice(rule.column - 1, rule.end - 1)), text.slice(rule.end - 1));
    } else row.append(text);
    lines.append(row);
  }
  box.append(lines);
  return box;
}

function tell(id) {
  const field = fields[id];
  const left = element("div");
  const [stage, pointer] = [id.slice(1, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
  left.append(element("h4", `${stage}: ${pointer || "/"}`));
  if (!field) left.append(element("p", "This is what came in.", "label"));
  else {
    if (field.by) left.append(line("changed by", [element("span", field.by)]));
    if (field.from) left.append(line(field.copied ? "copied from" : "made from", field.from.map(link)));
    if (field.given) left.append(line("chosen by", field.given.map(link)));
    if (field.via) left.append(line("through", field.via.map((rule) => element("code", rules[rule].place))));
    if (!field.by && !field.from && field.rule !== undefined) left.append(element("p", "Written as it stands in the rule.", "label"));
  }
  const made = uses.get(id) || [];
  if (made.length) left.append(line("used for", made.slice(0, 12).map((other) => link({ stage: Number(other.slice(1, other.indexOf(":"))), pointer: other.slice(other.indexOf(":") + 1) }))));
  panel.replaceChildren(left, field && field.rule !== undefined ? frame(field.rule) : element("div"));
}

function show(id, follow) {
  if (shown === id && !follow) return;
  shown = id;
  clear();
  const own = mark(id, "own");
  const field = fields[id] || {};
  const near = [];
  for (const source of field.from || []) if (source.stage !== undefined) near.push(mark(idOf(source.stage, source.pointer), "from"));
  for (const source of field.given || []) if (source.stage !== undefined) mark(idOf(source.stage, source.pointer), "chose");
  for (const other of uses.get(id) || []) near.push(mark(other, "to"));
  for (const row of near) if (row) within(row);
  if (follow && own) own.scrollIntoView({ block: "nearest", inline: "nearest" });
  tell(id);
}

// Scrolls a row into the middle of its own stage, and nothing else.
function within(row) {
  const box = row.parentElement;
  const [top, low] = [row.offsetTop - box.offsetTop, row.offsetTop - box.offsetTop + row.offsetHeight];
  if (top < box.scrollTop || low > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
}

function keep(id) {
  kept = id;
  const row = rowOf(id);
  show(id, true);
  row.parentElement.focus({ preventScroll: true });
}

function letGo() { kept = shown = null; clear(); panel.replaceChildren(element("p", "Point at a field, or press ↓.", "hint")); }

function move(by) {
  const rows = kept ? [...rowOf(kept).parentElement.querySelectorAll(".row[id]")] : all;
  const at = kept ? rows.indexOf(rowOf(kept)) : -1;
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) keep(next.id);
}

function cross(forward) {
  if (!kept) return move(1);
  const field = fields[kept] || {};
  const target = forward
    ? (uses.get(kept) || [])[0]
    : [...(field.from || []), ...(field.given || [])].filter((s) => s.stage !== undefined).map((s) => idOf(s.stage, s.pointer)).find(rowOf);
  if (target) keep(target);
}

document.getElementById("stages").addEventListener("pointerover", (event) => {
  const row = event.target.closest(".row[id]");
  if (row && !kept) show(row.id, false);
  const drop = event.target.closest("li[data-rule]");
  if (drop && !kept) tellDrop(drop);
});
document.getElementById("stages").addEventListener("click", (event) => {
  const row = event.target.closest(".row[id]");
  if (row) { if (kept === row.id) letGo(); else keep(row.id); }
  const drop = event.target.closest("li[data-rule]");
  if (drop) tellDrop(drop);
});
document.getElementById("stages").addEventListener("focusin", (event) => {
  if (event.target.matches("li[data-rule]")) tellDrop(event.target);
  if (event.target.matches(".rows") && event.target.matches(":focus-visible")) {
    const inside = kept && event.target.contains(rowOf(kept));
    const first = event.target.querySelector(".row[id]");
    if (!inside && first) keep(first.id);
  }
});

function tellDrop(item) {
  clear();
  shown = null;
  const left = element("div");
  left.append(element("h4", item.querySelector("b").textContent), element("p", "dropped: " + item.childNodes[1].textContent.trim()));
  panel.replaceChildren(left, frame(Number(item.dataset.rule)));
}

let hits = [];
let hit = -1;
function find(text) {
  for (const row of hits) row.classList.remove("hit");
  const wanted = text.trim().toLowerCase();
  hits = wanted ? all.filter((row) => row.textContent.toLowerCase().includes(wanted)) : [];
  hit = -1;
  for (const row of hits) row.classList.add("hit");
  document.getElementById("found").textContent = wanted ? String(hits.length) : "";
}
function nextHit(by) {
  if (!hits.length) return;
  hit = (hit + by + hits.length) % hits.length;
  kept = hits[hit].id;
  show(kept, true);
  document.getElementById("found").textContent = `${hit + 1} / ${hits.length}`;
}
search.addEventListener("input", () => find(search.value));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === search) {
    if (event.key === "Enter") { event.preventDefault(); nextHit(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { search.value = ""; find(""); search.blur(); }
    return;
  }
  const action = {
    ArrowDown: () => move(1), ArrowUp: () => move(-1), ArrowLeft: () => cross(false), ArrowRight: () => cross(true),
    j: () => move(1), k: () => move(-1), h: () => cross(false), l: () => cross(true),
    n: () => nextHit(1), N: () => nextHit(-1), "/": () => search.focus(), "?": () => help(), Escape: letGo,
  }[event.key];
  if (action) { event.preventDefault(); action(); }
});

function help() {
  const box = document.getElementById("help");
  box.hidden = !box.hidden;
  document.getElementById("keys").setAttribute("aria-expanded", String(!box.hidden));
}
document.getElementById("keys").addEventListener("click", help);
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
