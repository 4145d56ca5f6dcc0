// A brand marks a value that has been checked. Only the function that checks may give one.

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
