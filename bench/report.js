/** What a contestant hands back: its costs, and a digest of its rows whatever their order. */
import { createHash } from 'node:crypto';

export function begin() {
  const cpu = process.cpuUsage();
  const started = performance.now();
  let firstRow;
  return {
    row: () => {
      firstRow ??= performance.now() - started;
    },
    /** Call when the last row has come; the digest is not part of what is measured. */
    end: (count, rows) => {
      const wall = performance.now() - started;
      const used = process.cpuUsage(cpu);
      const peak = process.resourceUsage().maxRSS / 1024;
      const digest = rows === undefined ? undefined : createHash('sha256').update(rows.map((row) => JSON.stringify(row)).sort().join('\n')).digest('hex');
      process.stdout.write(`${JSON.stringify({ rows: count, wall, cpu: (used.user + used.system) / 1000, system: used.system / 1000, firstRow, peak, digest })}\n`);
    },
  };
}
