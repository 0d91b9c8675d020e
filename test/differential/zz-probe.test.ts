import { it } from 'vitest';
import { connectionTo, startTenant } from './harness/tenant.js';
import { openLink } from './harness/link.js';
import { loadOracle } from './harness/oracle.js';
import { difference } from './harness/compare.js';
import { seeded } from './harness/draw.js';
import { worldOf } from './statements/scope.js';
import { statement } from './statements/selects.js';
it('probe', async () => {
  const sandbox = await startTenant();
  const t0 = performance.now();
  const oracle = await loadOracle(sandbox);
  console.log('oracle', performance.now() - t0);
  const link = openLink(connectionTo(sandbox, undefined, process.env.PROPS ? JSON.parse(process.env.PROPS) : {}));
  if (process.env.FAULTS) sandbox.faults.set(JSON.parse(process.env.FAULTS));
  const worlds = { own: worldOf(oracle, 'own'), mailboxes: worldOf(oracle, 'mailboxes'), places: worldOf(oracle, 'places') };
  const seed = Number(process.env.SEED ?? 1), n = Number(process.env.N ?? 300);
  const shown = new Set<string>(); let bad = 0, empty = 0, refused = new Map<string, number>(), slow: [number,string][] = [];
  const t1 = performance.now();
  for (let i = 0; i < n; i++) {
    const s = statement(seeded(seed * 100003 + i), worlds);
    let expected;
    try { expected = oracle.run(s.sql, s.scope); } catch (e) { console.log('GEN', i, String(e), s.sql); continue; }
    if (expected.length === 0) empty++;
    const t = performance.now();
    try {
      const { rows } = await link.run(s.sql);
      const d = difference(s, rows, oracle);
      if (d) { bad++; console.log('WRONG', i, s.scope, s.check.kind, s.sql, '\n   ', d.slice(0, 300)); }
    } catch (e) { const k = String(e).slice(0, 140); refused.set(k, (refused.get(k) ?? 0) + 1); if (refused.get(k) === 1) console.log('ERR', i, k, (e as {hint?:string}).hint?.slice(0,200), s.sql.slice(0,700)); }
    slow.push([performance.now() - t, s.sql]);
  }
  console.log('ms per', (performance.now() - t1) / n, 'empty', empty, 'bad', bad, [...refused]);
  console.log('statuses', JSON.stringify(Object.fromEntries([...sandbox.log.entries.reduce((m, e) => m.set(e.status, (m.get(e.status) ?? 0) + 1), new Map())])));
  for (const e of sandbox.log.entries) if (e.status >= 400 && e.status !== 404 && !e.fault) { const k = e.url.replace(/\?.*(\$filter=[^&]*).*/, '?$1').slice(0, 200); if (!shown.has(k) && shown.size < 12) { shown.add(k); console.log(e.status, e.url.slice(0, 400)); } }
  slow.sort((a, b) => b[0] - a[0]); console.log(slow.slice(0, 4));
  await link.close();
  await sandbox.close();
}, 600000);
