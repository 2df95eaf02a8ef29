import { api } from "./axios.recipe.js";

export const call = async (i) => Number((await api.get(`/home/review/detail/${i}`)).data.result.reviewId);
