import { defineConfig } from 'vitest/config';
import ClosingLine from './test/support/closing-line.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // Some tests measure milliseconds (an abort must reach the wire at once); a shared machine may stall one of them.
    retry: process.env['CI'] === undefined ? 0 : 2,
    reporters: ['default', new ClosingLine()],
  },
});
