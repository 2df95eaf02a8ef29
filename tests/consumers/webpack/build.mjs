import webpack from "webpack";

const config = {
  mode: "production",
  entry: "./main.js",
  output: { path: `${import.meta.dirname}/public`, filename: "main.js" },
};
webpack(config, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
});
