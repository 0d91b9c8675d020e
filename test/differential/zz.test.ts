import { it } from 'vitest';
import { eagerSource } from './harness/eager-source.js';
import { checkRandomly, startBench } from './harness/runner.js';
it('x', async () => { const b = await startBench(); let bad = 0;
  for (let i = 0; i < 6 && bad < 3; i++) { try { await checkRandomly(b, b.open().asking(eagerSource(b.oracle)), 2500, 5000 + i * 77); } catch (e) { bad++; console.log(String((e as Error).message).slice(0, 200), String((e as Error).cause).slice(0, 1500)); } }
  await b.close(); }, 600000);
