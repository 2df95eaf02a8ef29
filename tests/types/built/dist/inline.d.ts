/** The wasm as text. */
declare const text: string;
export default text;
