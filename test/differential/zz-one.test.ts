import { it } from 'vitest';
import { readFileSync } from 'node:fs';
import { connectionTo, startTenant, MAIN } from './harness/tenant.js';
import { openLink } from './harness/link.js';
import { loadOracle } from './harness/oracle.js';
import { difference } from './harness/compare.js';
it('one', async () => {
  const sandbox = await startTenant();
  const oracle = await loadOracle(sandbox);
  const link = openLink(connectionTo(sandbox, MAIN, process.env.PROPS ? JSON.parse(process.env.PROPS) : {}));
  if (process.env.FAULTS) sandbox.faults.set(JSON.parse(process.env.FAULTS));
  for (const line of readFileSync('/tmp/one.sql', 'utf8').split('\n').filter(Boolean)) {
    const [scope, sql] = line.startsWith('@') ? [line.slice(1, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] : ['own', line];
    console.log('==', sql.slice(0, 900));
    sandbox.log.reset();
    try {
      const ex = await link.run(`EXPLAIN ${sql}`);
      for (const r of ex.rows) console.log('   X', r.filter(Boolean).map(String).join(' | ').slice(0, 400));
      const { rows } = await link.run(sql);
      console.log('   ', rows.length, difference({ sql, scope: scope as 'own', check: { kind: 'multiset' }, covers: [] }, rows, oracle) ?? 'same');
    } catch (e) { console.log('   ERR', String(e), (e as Error).stack?.split('\n').slice(0,6).join('\n')); }
    for (const l of sandbox.log.entries) console.log('   >', l.status, l.method, l.url.slice(0, 300), l.rows, l.inBatch, l.fault ?? '');
  }
  await link.close(); await sandbox.close();
}, 60000);
