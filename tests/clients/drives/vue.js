import { effectScope, watch } from "vue";
import { session, API } from "./session.recipe.js";
import { useSessionStatus } from "./vue.recipe.js";

const seen = [];
globalThis.seen = seen;
effectScope().run(() => {
  const status = useSessionStatus();
  watch(status, (value) => seen.push(value), { immediate: true, flush: "sync" });
});

export const call = async (i) =>
  Number((await (await session.fetch(`${API}/home/review/detail/${i}`)).json()).result.reviewId);
