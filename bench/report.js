/** What a contestant hands back: its costs, and a digest of its rows whatever their order. */
import { createHash } from 'node:crypto';

const megabytes = (bytes) => bytes / 1024 / 1024;

export function begin() {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const marks = {};
  return {
    /** Milliseconds since the start, under a name. */
    mark: (name, value = performance.now() - started) => {
      marks[name] ??= value;
    },
    /** Resident memory so far at most, and what is still referenced after collecting garbage; in MB. */
    memory: () => {
      globalThis.gc?.();
      return { peak: process.resourceUsage().maxRSS / 1024, held: megabytes(process.memoryUsage().heapUsed) };
    },
    /** Call when the last row has come; the digest is not part of what is measured. */
    end: (count, rows) => {
      const wall = performance.now() - started;
      const used = process.cpuUsage(cpu);
      const peak = process.resourceUsage().maxRSS / 1024;
      const digest = rows === undefined ? undefined : createHash('sha256').update(rows.map((row) => JSON.stringify(row)).sort().join('\n')).digest('hex');
      process.stdout.write(`${JSON.stringify({ rows: count, wall, cpu: (used.user + used.system) / 1000, system: used.system / 1000, peak, digest, ...marks })}\n`);
    },
  };
}
