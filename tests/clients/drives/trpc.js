import { client } from "./trpc.recipe.js";

export const call = async (i) => (await client.review.query(i)).id;
