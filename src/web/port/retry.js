// When a server wants to be asked again (G7): what its headers say, in the forms that RFC 9110 has.

/** The three forms of a date in a header (RFC 9110 §5.6.7). `Date.parse` takes much else for a date, such as a sign. */
const DATE = /^(\w{3}, \d\d \w{3} \d{4}|\w+day, \d\d-\w{3}-\d\d) [\d:]{8} GMT$|^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}$/;

/**
 * In ms; NaN for what is no date. The third form does not say that it is GMT.
 * @param {string} text
 */
const date = (text) => (DATE.test(text) ? Date.parse(text.replace(/\d{4}$/, "$& GMT")) : NaN);

/**
 * `Retry-After` in seconds, or as a date, and the server's own time, both in ms; NaN for what is not there.
 * @param {Headers} headers
 */
export function when(headers) {
  const retryAfter = `${headers.get("retry-after")}`;
  return [/^\d+$/.test(retryAfter) ? +retryAfter : NaN, date(retryAfter), date(`${headers.get("date")}`)];
}
