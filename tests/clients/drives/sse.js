import { events } from "./sse.recipe.js";

export const call = async (i) => {
  const seen = [];
  for await (const event of events("/sse?n=2&ms=1")) seen.push(event);
  if (seen.join("|") !== "id: 0\ndata: tick 0|id: 1\ndata: tick 1") throw new Error(`not the events: ${seen}`);
  return i;
};
