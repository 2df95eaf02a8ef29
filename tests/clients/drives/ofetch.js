import { api } from "./ofetch.recipe.js";

export const call = async (i) => Number((await api(`/home/review/detail/${i}`)).result.reviewId);
