// What the inspector is put together from: elements without markup from strings, and events as lines.

import { shownName } from "./redact-words.js";

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, any>} Attributes */

/**
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * @param {string} name
 * @param {Attributes} attributes
 */
export function mark(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Date} date */
export const time = (date) => `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;

/**
 * What an event says, in a line. Its detail holds no token; in a URL there may be one.
 * @param {string} type
 * @param {any} detail without a prototype
 * @param {(url: string) => string} shownUrl
 */
export function line(type, detail, shownUrl) {
  const {
    generation,
    reason,
    durationMs,
    waiting,
    change,
    call,
    url,
    sent,
    status,
    code,
    message,
    retryInMs,
    error,
    scope,
  } = detail;
  const path = url && shownUrl(URL.canParse(url) ? new URL(url).pathname : url);
  switch (type) {
    case "refreshed":
      return `generation ${generation} (${reason}) after ${durationMs} ms; ${waiting} calls waited`;
    case "adopted":
      return `generation ${generation}: ${change} by another tab or the developer tools`;
    case "changed":
      return `${change} by this page`;
    case "replayed":
      return `call ${call} again, with generation ${generation}: ${path}`;
    case "held":
      return `call ${call} waits ${sent ? "with its 401" : "unsent"}: ${path}`;
    case "expired":
      return `the session is over (${status})`;
    case "failed":
      return `${code} (${status}): ${message}${retryInMs ? `; next try in ${retryInMs} ms` : ""}`;
    default:
      return `${shownName(error)}${scope ? `: ${scope.split(" ").map(shownName).join(" ")}` : ""} for ${path}`;
  }
}
