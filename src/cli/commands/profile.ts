/**
 * Owns: `exchange-sql profile`: names for connection strings.
 */
import { redactConnectionString } from '../../driver/connection-string.js';
import { connect } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { printable } from '../printable.js';
import { profileNamed, profilesPath, readProfiles, writeProfiles } from '../profiles.js';

const HELP = `Usage: exchange-sql profile set NAME "connection string"
       exchange-sql profile list
       exchange-sql profile show NAME
       exchange-sql profile remove NAME

Other commands take --profile NAME, or the variable EXCHANGE_SQL_PROFILE. They are kept in a file that only you can read; better still,
let secrets stand elsewhere: OAuthClientSecret=env:NAME or file:PATH. Secrets are never shown.
`;

type Action = (name: string, text: string | undefined) => Promise<void>;

const ACTIONS: Readonly<Record<string, { readonly arguments: number; readonly run: Action }>> = {
  set: {
    arguments: 2,
    run: async (name, text = '') => {
      if (!/^[\w.-]{1,64}$/.test(name)) throw new UsageError('the name of a profile is made of letters, digits, _, - and .');
      // Nothing is sent: a string that could not connect is refused now. Secrets by reference need not be there yet.
      await (await connect(withoutReferences(text))).close();
      await writeProfiles({ ...(await readProfiles()), [name]: text });
      process.stdout.write(`${name} is kept in ${printable(profilesPath())}.\n`);
    },
  },
  list: {
    arguments: 0,
    run: async () => {
      for (const [name, text] of Object.entries(await readProfiles()).sort(([a], [b]) => (a < b ? -1 : 1))) process.stdout.write(`${name}\t${printable(redactConnectionString(text))}\n`);
    },
  },
  show: { arguments: 1, run: async (name) => void process.stdout.write(`${printable(redactConnectionString(await profileNamed(name)))}\n`) },
  remove: {
    arguments: 1,
    run: async (name) => {
      await profileNamed(name);
      const { [name]: _removed, ...others } = await readProfiles();
      await writeProfiles(others);
    },
  },
};

export async function profile(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const [verb = '', name = '', text, ...more] = parsed.positionals;
  const action = Object.hasOwn(ACTIONS, verb) ? ACTIONS[verb] : undefined;
  if (action === undefined) throw new UsageError(`exchange-sql profile ${Object.keys(ACTIONS).join(' | ')} (--help explains them)`);
  if (parsed.positionals.length - 1 !== action.arguments || more.length > 0) throw new UsageError(`exchange-sql profile ${verb} takes ${['nothing more', 'a name', 'a name and a connection string'][action.arguments]!}`);
  await action.run(name, text);
}

/** `env:` and `file:` stand for values that another machine, or a later day, may have. */
function withoutReferences(text: string): string {
  return text.replace(/(=\s*['"]?)(?:env:[A-Za-z_]\w*|file:[^;'"]+)/g, '$1value:later');
}
