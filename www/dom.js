// Small helpers for building elements. Text always goes in as text: names, bodies and messages come from outside.

export const byId = (id) => document.getElementById(id);

/** `el("p", { class: "hint", "data-n": 1 }, "text", child)`. An attribute of `null` or `false` is left out. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Writes only what changed: a live region that is rewritten is read out again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that is out of use but keeps its place in the tab order and the focus. */
export function setUsable(button, usable) {
  button.setAttribute("aria-disabled", String(!usable));
}

export const isUsable = (button) => button.getAttribute("aria-disabled") !== "true";

const two = (n) => String(n).padStart(2, "0");

/** `14:03:53.120`, local time. */
export function clock(date) {
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`);
