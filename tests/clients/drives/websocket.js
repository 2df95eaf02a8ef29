import { connect } from "./websocket.recipe.js";

/**
 * Takes the place of the server, which knows no WebSocket: it gives the token that was sent to an API that judges it.
 */
class Socket extends EventTarget {
  constructor(url) {
    super();
    this.answer = new Promise(
      (resolve) =>
        (this.send = (text) => resolve(fetch(url, { headers: { Authorization: `Bearer ${JSON.parse(text).token}` } }))),
    );
    setTimeout(() => this.dispatchEvent(new Event("open")));
  }
}
globalThis.WebSocket = Socket;

export const call = async (i) => {
  const socket = await connect(`${globalThis.API}/home/review/detail/${i}`);
  const response = await socket.answer;
  return Number((await response.json()).result.reviewId);
};
