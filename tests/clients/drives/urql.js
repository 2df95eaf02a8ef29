import { client } from "./urql.recipe.js";

const query = "query ($id: ID!) { review(id: $id) { id text } }";

export const call = async (i) => {
  const { data, error } = await client.query(query, { id: String(i) }).toPromise();
  if (error) throw error;
  return Number(data.review.id);
};
