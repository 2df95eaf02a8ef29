// Bundlers that take a wasm as a module.
declare module "*.wasm" {
  const compiled: WebAssembly.Module;
  export default compiled;
}
