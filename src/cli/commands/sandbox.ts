/**
 * Owns: `exchange-sql sandbox`: serve the mailbox emulator until interrupted.
 */
import { parseArguments, UsageError } from '../arguments.js';
import { SANDBOX_OPTIONS, sandboxOptions } from '../connect.js';
import { parseFaults } from '../faults.js';
import { importProblems, importProgress, importSummary } from '../import-report.js';

const HELP = `Usage: exchange-sql sandbox [options]

Serves Microsoft Graph v1.0 over a mailbox store with demo data. Loopback only unless --host says otherwise.

      --port N         TCP port (0 = a free one; default 0)
      --host ADDRESS   address to listen on (default 127.0.0.1)
      --https          serve https with a certificate made now
      --certificate FILE  with --https: write the certificate (PEM) there; connection strings then name it
      --messages N     demo messages (default 2000; 0 = none, which --import implies)
      --seed N         seed of the demo data and of the faults (default 1)
      --import PATH…   read mbox, maildir, eml, ics, vcf files or folders into the main mailbox; may be repeated
      --data FILE      keep the store in a file; one that has data is served as it is
      --fault NAME=V   a fault of the bad day, e.g. throttleEvery=5; may be repeated; --fault list shows all
      --require-token  refuse requests without a bearer token of the sandbox
      --scopes LIST    permissions every token carries, e.g. Mail.Read,Contacts.Read (default: not checked)
      --json           print one JSON line when ready
`;

export async function sandbox(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    port: { type: 'string' },
    host: { type: 'string' },
    https: { type: 'boolean' },
    certificate: { type: 'string' },
    ...SANDBOX_OPTIONS,
    fault: { type: 'string', multiple: true },
    'require-token': { type: 'boolean' },
    scopes: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  // What follows a path that does not exist is a path too: it is named among the problems.
  if (parsed.positionals.length > 0 && !parsed.flag('import')) throw new UsageError(`unexpected argument '${parsed.positionals[0]!}'`);
  const [{ startSandbox }, { NO_FAULTS }] = await Promise.all([import('../../sandbox/index.js'), import('../../sandbox/faults.js')]);
  if (parsed.values('fault').includes('list')) {
    process.stdout.write(`${Object.entries(NO_FAULTS).map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`).join('\n')}\n`);
    return;
  }
  const certificateFile = parsed.value('certificate');
  if (certificateFile !== undefined && !parsed.flag('https')) throw new UsageError('--certificate goes with --https');
  const { importPaths, ...contents } = sandboxOptions(parsed);
  const paths = [...(importPaths ?? []), ...parsed.positionals];
  const options = {
    ...contents,
    ...(paths.length === 0 ? {} : { importPaths: paths }),
    port: parsed.integer('port', 0, 65_535) ?? 0,
    ...optional('host', parsed.value('host')),
    https: parsed.flag('https'),
    ...optional('certificateFile', certificateFile),
    requireToken: parsed.flag('require-token'),
    ...optional('scopes', parsed.value('scopes')?.split(',').map((scope) => scope.trim()).filter((scope) => scope !== '')),
    faults: parseFaults(parsed.values('fault'), NO_FAULTS),
  };
  const stop = stopSignal();
  const progress = importProgress(process.stderr);
  const service = await startSandbox({ ...options, onImportProgress: progress.update }).catch(startError(options.port)).finally(progress.stop);
  const { graphEndpoint, adminEndpoint, connectionString, mailboxes, certificate, imported } = service;
  if (imported !== undefined) {
    for (const line of importProblems(imported)) process.stderr.write(`${line}\n`);
    process.stderr.write(`${importSummary(imported)}\n`);
  }
  if (parsed.flag('json')) {
    const connectionStrings = Object.fromEntries(mailboxes.map((mailbox) => [mailbox.userPrincipalName, mailbox.connectionString]));
    process.stdout.write(`${JSON.stringify({
      graphEndpoint, connectionString, connectionStrings, adminEndpoint,
      ...optional('certificate', certificate),
      ...(imported === undefined ? {} : { imported: { ...imported.counts, problems: imported.problems.length } }),
    })}\n`);
  } else {
    const others = mailboxes.slice(1).map((mailbox) => mailbox.userPrincipalName).join(', ');
    process.stdout.write(`Graph endpoint:    ${graphEndpoint}\nAdmin endpoint:    ${adminEndpoint}\nConnection string: ${connectionString}\n${others === '' ? '' : `Other mailboxes:   ${others}\n`}\nTry, in another terminal:\n  exchange-sql shell --connection "${connectionString}"\n\nCtrl-C stops it.\n`);
  }
  await stop;
  await service.close();
}

function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return value === undefined ? {} : { [name]: value } as Record<Name, T>;
}

/** Ends with the first Ctrl-C or SIGTERM; the next one is left to the system. Heard from the start, so that none is lost. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { resolve(); });
  });
}

function startError(port: number): (error: unknown) => never {
  return (error) => {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error;
    if (code === 'EADDRINUSE') throw new Error(`port ${String(port)} is in use; choose another, or --port 0 for a free one`, { cause: error });
    if (code === 'EACCES') throw new Error(`port ${String(port)} may not be opened by this user`, { cause: error });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new Error('--host is no address of this machine', { cause: error });
    throw error;
  };
}
