import { defineConfig } from 'vitest/config';
import ClosingLine from './test/support/closing-line.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // No retry for all: it would hide races. Tests that measure milliseconds ask for it themselves.
    reporters: ['default', new ClosingLine()],
  },
});
