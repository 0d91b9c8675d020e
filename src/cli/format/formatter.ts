import type { Column, Value } from '../../index.js';

export type Rows = AsyncIterable<readonly Value[]>;
/** Text to write, piece by piece. */
export type Formatter = (columns: readonly Column[], rows: Rows, width: number) => AsyncIterable<string>;
