/** L1: of an account's concurrency, what has to be left for functions without a reserved part. */
export const UNRESERVED = 100;
