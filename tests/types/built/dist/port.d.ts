// What pkg takes from the port.
export const isObject: (value: unknown) => value is object;
export const isPlain: (value: object) => boolean;
export const page: () => string | undefined;
