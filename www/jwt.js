// The access token, taken apart as jwt.io does it. Decoding is not verifying: that takes the server's key.
import { el, setText } from "./dom.js";

/** Registered claims (RFC 7519 §4.1), and those this server adds. */
const WORDS = {
  iss: "issuer: who made the token",
  sub: "subject: whom it is about",
  aud: "audience: for whom it is meant",
  exp: "expiration time: not valid from then on",
  nbf: "not before: not valid until then",
  iat: "issued at",
  jti: "JWT ID: this one token’s name",
  fam: "private: the family of tokens that came from one sign-in",
  name: "public: the user’s name",
  serial: "private: this server’s running number",
};
const TIMES = ["exp", "nbf", "iat"];
/** The rest of the signature stays hidden, so that a picture of this page is no working token. */
const SIGNATURE_CHARS = 8;

/** `null` if it is not a JWT. */
export function decode(token) {
  const parts = token.split(".");
  if (parts.length !== 3) return null;
  try {
    const [header, payload] = parts.slice(0, 2).map(json);
    return { header, payload, parts };
  } catch {
    return null;
  }
}

function json(part) {
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  const value = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return value;
}

export class JwtView {
  #root;
  #shown;
  #countdown = null;

  constructor(root) {
    this.#root = root;
  }

  /** `record`: what the store holds. Cheap to call often: it draws only what is new. */
  show(record) {
    const token = record?.accessToken ?? null;
    const state = token ? "token" : record?.refreshToken ? "deleted" : "none";
    const seen = `${state}/${token}`;
    if (seen !== this.#shown) {
      this.#shown = seen;
      this.#countdown = null;
      this.#draw(state, token);
    }
    this.#tick();
  }

  #draw(state, token) {
    const decoded = token ? decode(token) : null;
    this.#root.dataset.state = token && !decoded ? "opaque" : state;
    if (decoded) {
      this.#root.replaceChildren(...this.#panel(decoded));
    } else {
      this.#root.replaceChildren(el("p", { class: "empty" }, EMPTY[this.#root.dataset.state]));
    }
  }

  #panel({ header, payload, parts }) {
    const [first, second, signature] = parts;
    const rows = Object.entries(payload).map(([name, value]) => this.#claim(name, value));
    return [
      el(
        "p",
        { class: "encoded", "aria-label": "The encoded token, its signature shortened" },
        el("span", { class: "j-header" }, first),
        ".",
        el("span", { class: "j-payload" }, second),
        ".",
        el("span", { class: "j-signature" }, `${signature.slice(0, SIGNATURE_CHARS)}…`),
      ),
      part("header", "Header", "algorithm and type", el("pre", { tabindex: 0 }, JSON.stringify(header, null, 2))),
      part("payload", "Payload", "the claims", el("dl", { class: "claims" }, ...rows)),
      part(
        "signature",
        "Signature",
        "integrity",
        el(
          "pre",
          { tabindex: 0 },
          `HMACSHA256(\n  base64UrlEncode(header) + "." +\n  base64UrlEncode(payload),\n  the server’s secret\n)`,
        ),
      ),
      el(
        "p",
        { class: "note" },
        el("b", {}, "Anybody can read this token; only the server can verify it."),
        " Header and payload are encoded, not encrypted: put no secret into them. The signature shows the server " +
          "that nobody changed them. Here it is shortened, so that a picture of this page is no working token.",
      ),
    ];
  }

  #claim(name, value) {
    const words = el("dd", { class: "words" }, WORDS[name] ?? "private claim");
    const shown = el("dd", {}, typeof value === "string" ? value : JSON.stringify(value));
    if (TIMES.includes(name) && typeof value === "number") {
      shown.append(el("span", { class: "date" }, new Date(value * 1000).toLocaleString()));
    }
    if (name === "exp" && typeof value === "number") {
      const left = el("span", { class: "countdown" });
      shown.append(left);
      this.#countdown = { left, expMs: value * 1000 };
    }
    return el("div", { "data-claim": name }, el("dt", {}, name), shown, words);
  }

  #tick() {
    if (!this.#countdown) return;
    const { left, expMs } = this.#countdown;
    const seconds = Math.ceil((expMs - Date.now()) / 1000);
    left.dataset.over = seconds <= 0;
    setText(left, seconds > 0 ? `${words(seconds)} left` : `over for ${words(-seconds)}`);
  }
}

const words = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
};

const part = (kind, title, hint, content) =>
  el("section", { class: `part j-${kind}`, "data-part": kind }, el("h3", {}, title, el("small", {}, hint)), content);

const EMPTY = {
  none: "Signed out: there is no token. Sign in to see one taken apart.",
  deleted:
    "The access token was deleted; the refresh token is still stored. " +
    "Send a request: it waits for one refresh, then goes out with the new token.",
  opaque: "This access token is not a JWT, so there is nothing to decode. It works all the same.",
};
