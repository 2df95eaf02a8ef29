import { gql } from "@apollo/client";
import { client } from "./apollo.recipe.js";

const query = gql`query ($id: ID!) { review(id: $id) { id text } }`;

export const call = async (i) => Number((await client.query({ query, variables: { id: String(i) } })).data.review.id);
