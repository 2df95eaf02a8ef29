import { api } from "./openapi-fetch.recipe.js";

export const call = async (i) => {
  const { data } = await api.GET("/home/review/detail/{id}", { params: { path: { id: i } } });
  return Number(data.result.reviewId);
};
