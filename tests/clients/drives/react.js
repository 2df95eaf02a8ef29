import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { session, API } from "./session.recipe.js";
import { useSessionStatus } from "./react.recipe.js";

globalThis.IS_REACT_ACT_ENVIRONMENT = true;
const seen = [];
globalThis.seen = seen;
function Status() {
  const status = useSessionStatus();
  if (seen.at(-1) !== status) seen.push(status);
  return status;
}
await act(() => createRoot(document.createElement("div")).render(createElement(Status)));

export const call = async (i) => {
  let id;
  await act(async () => (id = (await (await session.fetch(`${API}/home/review/detail/${i}`)).json()).result.reviewId));
  return Number(id);
};
