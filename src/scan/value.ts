/**
 * Owns: the values and row identities that travel from a source to the engine.
 * Does not own: conversion to what a caller of the library sees (driver/).
 * Invariants: integers are bigint, booleans are 1n/0n, timestamps are normal-form UTC text, `undefined` never occurs.
 */

/** A value as SQLite holds it. `number` is always REAL; integers are `bigint`. */
export type SqlValue = null | bigint | number | string | Uint8Array;

/** A value that is not NULL. */
export type Constant = Exclude<SqlValue, null>;

declare const rowLimit: unique symbol;
declare const pageSize: unique symbol;
/** How many rows the *result* needs at most (limit + offset). Not a page size. */
export type RowLimit = number & { readonly [rowLimit]: true };
/** How many rows one request asks for. Not a limit. */
export type PageSize = number & { readonly [pageSize]: true };

export const asRowLimit = (rows: number): RowLimit => rows as RowLimit;
export const asPageSize = (rows: number): PageSize => rows as PageSize;
