/** Imports the paths given into an empty sandbox in memory, and prints counts and time. */
import { startSandbox } from '../dist/sandbox/index.js';

const sandbox = await startSandbox({ messages: 0, importPaths: process.argv.slice(2) });
const { counts, problems, milliseconds } = sandbox.imported;
process.stdout.write(`${JSON.stringify({ ...counts, problems: problems.length, milliseconds, peak: process.resourceUsage().maxRSS / 1024 })}\n`);
await sandbox.close();
