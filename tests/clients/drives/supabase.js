import { client } from "./supabase.recipe.js";

export const call = async (i) => {
  const { data, error } = await client.from("reviews").select("id").eq("id", i);
  if (error) throw new Error(error.message);
  return data[0].id;
};
