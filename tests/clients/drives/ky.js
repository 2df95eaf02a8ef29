import { api } from "./ky.recipe.js";

export const call = async (i) => Number((await api.get(`home/review/detail/${i}`).json()).result.reviewId);
