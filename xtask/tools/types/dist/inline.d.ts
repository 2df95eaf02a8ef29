/** The wasm, one character for each byte. */
declare const text: string;
export default text;
