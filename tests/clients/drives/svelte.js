import { session, API } from "./session.recipe.js";
import { status } from "./svelte.recipe.js";

const seen = [];
globalThis.seen = seen;
status.subscribe((value) => seen.push(value));

export const call = async (i) =>
  Number((await (await session.fetch(`${API}/home/review/detail/${i}`)).json()).result.reviewId);
