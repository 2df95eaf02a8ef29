import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { useReview } from "./swr.recipe.js";

/** A component of its own for each call, as a page has them. */
export const call = (i) =>
  new Promise((resolve, reject) => {
    // biome-ignore lint/correctness/noComponentHookFactories: each call is a page of its own, with its own component
    function Review() {
      const { data, error } = useReview(i);
      if (error) reject(error);
      if (data) resolve(Number(data.result.reviewId));
      return null;
    }
    createRoot(document.createElement("div")).render(createElement(Review));
  });
