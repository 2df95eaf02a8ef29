import { client, review } from "./tanstack-query.recipe.js";

export const call = async (i) => Number((await client.fetchQuery(review(i))).result.reviewId);
