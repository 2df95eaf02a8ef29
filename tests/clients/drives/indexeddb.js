import { API } from "./session.recipe.js";
import { session } from "./indexeddb.recipe.js";

// The tokens of the sign-in, which the other session keeps in localStorage.
let given;

export async function call(i) {
  given ??= session.setTokens(JSON.parse(localStorage.relatch));
  await given;
  const response = await session.fetch(`${API}/home/review/detail/${i}`);
  return Number((await response.json()).result.reviewId);
}
