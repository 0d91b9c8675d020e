/**
 * Owns: `exchange-sql sandbox`: serve the mailbox emulator until interrupted.
 */
import { parseArguments, UsageError } from '../arguments.js';
import { sandboxOptions } from '../connect.js';
import { onInterrupt } from '../interrupt.js';

const HELP = `Usage: exchange-sql sandbox [options]

Serves Microsoft Graph v1.0 over a mailbox store with demo data. Loopback only unless --host says otherwise.

      --port N         TCP port (0 = a free one; default 0)
      --host ADDRESS   address to listen on (default 127.0.0.1)
      --https          serve https with a certificate made now
      --certificate FILE  with --https: write the certificate (PEM) there; connection strings then name it
      --messages N     demo messages (default 2000; 0 = none)
      --seed N         seed of the demo data (default 1)
      --import PATH    read mbox, maildir, eml, ics, vcf files or folders; may be repeated
      --data FILE      keep the store in a file
      --fault NAME=V   a fault of the bad day, e.g. throttleEvery=5; may be repeated
      --require-token  refuse requests without a bearer token
      --json           print one JSON line when ready
`;

export async function sandbox(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, {
    port: { type: 'string' },
    host: { type: 'string' },
    https: { type: 'boolean' },
    certificate: { type: 'string' },
    messages: { type: 'string' },
    seed: { type: 'string' },
    import: { type: 'string', multiple: true },
    data: { type: 'string' },
    fault: { type: 'string', multiple: true },
    'require-token': { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  if (parsed.positionals.length > 0) throw new UsageError(`unexpected argument '${parsed.positionals[0]!}'`);
  const { startSandbox } = await import('../../sandbox/index.js');
  const host = parsed.value('host');
  const certificateFile = parsed.value('certificate');
  if (certificateFile !== undefined && !parsed.flag('https')) throw new UsageError('--certificate goes with --https');
  const service = await startSandbox({
    ...sandboxOptions(parsed),
    port: parsed.integer('port') ?? 0,
    ...(host === undefined ? {} : { host }),
    https: parsed.flag('https'),
    ...(certificateFile === undefined ? {} : { certificateFile }),
    requireToken: parsed.flag('require-token'),
    faults: Object.fromEntries(parsed.values('fault').map(fault)),
  });
  if (parsed.flag('json')) {
    const { graphEndpoint, adminEndpoint, connectionString, mailboxes, certificate } = service;
    process.stdout.write(`${JSON.stringify({ graphEndpoint, connectionString, connectionStrings: Object.fromEntries(mailboxes.map((mailbox) => [mailbox.userPrincipalName, mailbox.connectionString])), adminEndpoint, ...(certificate === undefined ? {} : { certificate }) })}\n`);
  } else {
    process.stdout.write(`Graph endpoint:    ${service.graphEndpoint}\nAdmin endpoint:    ${service.adminEndpoint}\nConnection string: ${service.connectionString}\nOther mailboxes:   ${service.mailboxes.slice(1).map((mailbox) => mailbox.userPrincipalName).join(', ')}\nCtrl-C stops it.\n`);
  }
  await new Promise<void>((resolve) => {
    onInterrupt(resolve);
    process.once('SIGTERM', () => {
      resolve();
    });
  });
  await service.close();
}

function fault(text: string): [string, string | number | boolean] {
  const [name, ...rest] = text.split('=');
  const value = rest.join('=');
  if (name === undefined || name === '' || value === '') throw new UsageError(`--fault takes NAME=VALUE, not '${text}'`);
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, Number.isNaN(Number(value)) ? value : Number(value)];
}
