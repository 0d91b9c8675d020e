/**
 * Owns: `exchange-sql login`: a user signs in, for the commands and programs that come after.
 */
import { signIn } from '../../index.js';
import { parseArguments } from '../arguments.js';
import { CONNECTION_VARIABLE, neededConnection } from '../connect.js';
import { printable } from '../printable.js';

const HELP = `Usage: exchange-sql login [--device-code | --no-browser] [-c "AuthScheme=AzureAD;OAuthClientId=…"]

Signs a user in and keeps the tokens in OAuthSettingsLocation, where connections with the same properties find them.

      --device-code       show a code to enter in a browser on any machine, for terminals without one
      --no-browser        show the address, and start no browser
  -c, --connection TEXT   connection string; else ${CONNECTION_VARIABLE} of the environment
      --profile NAME      connection string that exchange-sql profile keeps
`;

export async function login(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { connection: { type: 'string', short: 'c' }, profile: { type: 'string' }, 'device-code': { type: 'boolean' }, 'no-browser': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const { user, expires, renewable, place } = await signIn(await neededConnection(parsed), {
    deviceCode: parsed.flag('device-code'),
    browser: !parsed.flag('no-browser'),
    prompt: (text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(`Signed in${user === undefined ? '' : ` as ${printable(user)}`}; kept in ${printable(place)}${renewable ? '' : ` until ${expires.toISOString()} (the service gave no refresh token)`}.\n`);
}
