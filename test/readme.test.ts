/**
 * Every example of the README and of public docstrings runs: TypeScript blocks, SQL in commands, SQL in the text.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as library from '../src/index.js';
import * as sandboxModule from '../src/sandbox/index.js';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const README = read('README.md');

let sandbox: sandboxModule.Sandbox;
let connection: library.Connection;

beforeAll(async () => {
  sandbox = await sandboxModule.startSandbox({ messages: 300 });
  connection = await library.connect(sandbox.connectionString);
});
afterAll(async () => {
  await connection.close();
  await sandbox.close();
});

const blocks = (language: string): string[] => [...README.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);

/** Examples of the docstrings of a file. */
function examples(path: string): string[] {
  const found: string[] = [];
  for (const [comment] of read(path).matchAll(/\/\*\*[^]*?\*\//g)) {
    const text = comment.slice(3, -2).split('\n').map((line) => line.replace(/^\s*\* ?/, '')).join('\n');
    for (const part of text.split(/^@example\s*/m).slice(1)) found.push(part.split(/^@\w+/m)[0]!.trim());
  }
  return found;
}

/** Runs an example against the sandbox; returns what it printed. An address in it stands for the sandbox's service. */
async function run(code: string): Promise<unknown[][]> {
  const printed: unknown[][] = [];
  const modules: Readonly<Record<string, unknown>> = {
    'exchange-sql': { ...library, connect: () => library.connect(/MaxRows: (\d+)/.test(code) ? `${sandbox.connectionString};MaxRows=${/MaxRows: (\d+)/.exec(code)![1]!}` : sandbox.connectionString) },
    'exchange-sql/sandbox': sandboxModule,
  };
  const body = code.replace(/^import \{([^}]*)\} from '([^']+)';$/gm, (_, names: string, from: string) => `const {${names}} = modules[${JSON.stringify(from)}];`);
  const { outputText } = ts.transpileModule(`async function example() {\n${body}\n}`, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
  const given = { modules, connection, console: { log: (...values: unknown[]) => printed.push(values) }, ...(/\bimport\b/.test(code) ? {} : modules['exchange-sql'] as object), startSandbox: sandboxModule.startSandbox, sandbox };
  const names = Object.keys(given).filter((name) => !new RegExp(`\\b(const|using) (\\{[^}]*\\b)?${name}\\b`).test(body));
  const example = new Function(...names, `${outputText}\nreturn example();`) as (...values: unknown[]) => Promise<void>;
  await example(...names.map((name) => (given as Record<string, unknown>)[name]));
  return printed;
}

describe('README', () => {
  test('has examples of each kind', () => {
    expect(blocks('ts').length).toBeGreaterThan(0);
    expect(blocks('sh').length).toBeGreaterThan(1);
  });

  test.each(blocks('ts'))('%s', async (code) => {
    expect((await run(code)).length).toBeGreaterThan(0);
  });

  const commands = blocks('sh').flatMap((block) => block.split('\n')).flatMap((line) => line.split('&&')).map((line) => line.trim()).filter((line) => line.startsWith('npx exchange-sql '));

  test('names commands that exist', () => {
    const known = [...read('src/cli/main.ts').matchAll(/^ {2}(\w+): \{ summary/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) expect(known).toContain(/^npx exchange-sql (\w+)/.exec(command)?.[1]);
  });

  test.each(commands.filter((command) => command.includes('"')))('%s', async (command) => {
    const sql = /"([^"]*)"\s*$/.exec(command)![1]!;
    const parameters = [...command.matchAll(/--param (\S+)/g)].map(([, text]) => (text === 'true' || text === 'false' ? text === 'true' : text!));
    const { rows } = command.includes(' explain ') ? await connection.explain(sql, parameters) : await connection.query(sql, parameters);
    expect(rows.length).toBeGreaterThan(0);
  });

  // `SELECT …`, `WHERE …` and conditions in the text, where they are whole.
  const inline = [...README.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!).filter((code) => /^(SELECT|WHERE) [^…]*$|^\w+ (=|IN|>=|<) [^…]*$|^SEARCH\('[^…]*'\)$/.test(code));

  test('has SQL in its text', () => {
    expect(inline.length).toBeGreaterThan(3);
  });

  test.each(inline)('%s', async (code) => {
    const sql = code.startsWith('SELECT') ? code : `SELECT count(*) FROM Messages WHERE ${code.replace(/^WHERE /, '')}`;
    // Addresses and folders are examples: those of the demo company take their place.
    const [one, two] = sandbox.mailboxes.map(({ userPrincipalName }) => userPrincipalName);
    const [path] = (await connection.query("SELECT path FROM MailFolders WHERE depth = 2 LIMIT 1")).rows;
    const real = sql.replace(/ada@contoso\.example/g, one!).replace(/bo@contoso\.example|ben@contoso\.example/g, two!).replace("'/Inbox/Clients'", `'${String(path?.['path'] ?? '/Inbox')}'`);
    expect((await connection.query(real)).rows.length).toBeGreaterThan(0);
  });
});

describe('docstrings', () => {
  const files = ['src/index.ts', 'src/driver/connection.ts', 'src/driver/connect.ts', 'src/errors.ts'];

  test('have examples', () => {
    for (const file of files) expect([file, examples(file).length > 0]).toEqual([file, true]);
  });

  test.each(files.flatMap((file) => examples(file).map((code, index) => [`${file} ${String(index + 1)}`, code] as const)))('%s', async (_name, code) => {
    const printed = await run(code);
    // `// …` behind a console.log is what it prints.
    const promised = /console\.log\([^\n]*\); \/\/ (.*)$/m.exec(code)?.[1];
    if (promised === undefined) return;
    const { inspect } = await import('node:util');
    expect(printed.map((values) => values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '))).toEqual([promised]);
  });
});
