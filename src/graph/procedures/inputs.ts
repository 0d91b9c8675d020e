/**
 * Owns: the inputs of a running call as a script reads them, and the place its mailbox has in a URL.
 * Does not own: checking types and values (catalog/procedure-inputs.ts).
 * Invariants: lists and recipients are read by one grammar for all procedures.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { ProcedureCall } from '../../scan/procedure.js';
import type { GraphObject } from '../client.js';
import { encodeSegment } from '../literal.js';

export class Inputs {
  readonly procedure: string;
  /** The call's mailbox: its UserId, or the connection's; undefined for the signed-in user. */
  readonly mailbox: string | undefined;
  readonly #values: ProcedureCall['inputs'];

  constructor(call: ProcedureCall, ownMailbox: string | undefined) {
    this.procedure = call.procedure;
    this.#values = call.inputs;
    this.mailbox = this.text('UserId') ?? ownMailbox;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Text; undefined if not given. An empty text counts as not given, as forms give it. */
  text(name: string): string | undefined {
    const text = this.content(name);
    return text === '' ? undefined : text;
  }

  /** Text that may be empty. */
  content(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** Text of an input that is declared as required. @throws ExchangeSqlError BAD_PARAMETER where it is empty. */
  need(name: string): string {
    return this.text(name) ?? this.missing(name);
  }

  missing(name: string): never {
    throw new ExchangeSqlError('BAD_PARAMETER', `${this.procedure} needs the input ${name}`, { hint: `Give ${name} a value that is not empty.` });
  }

  /** @throws ExchangeSqlError BAD_PARAMETER if several of the names have a value. @returns the one that has. */
  oneOf(...names: readonly string[]): string | undefined {
    const given = names.filter((name) => this.has(name));
    if (given.length > 1) throw new ExchangeSqlError('BAD_PARAMETER', `${given.join(' and ')} contradict each other in the call of ${this.procedure}`, { hint: 'Give one of them.' });
    return given[0];
  }

  flag(name: string): boolean | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : value === 1n;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.#values.get(name);
    return value instanceof Uint8Array ? value : undefined;
  }

  json(name: string): unknown {
    const text = this.text(name);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  /** `a; b` or a JSON array of texts; undefined if not given. */
  list(name: string): readonly string[] | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : listOf(text, (problem) => this.refuse(name, problem));
  }

  recipients(name: string): readonly Recipient[] | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : recipientsOf(text, (problem) => this.refuse(name, problem));
  }

  refuse(name: string, problem: string, hint?: string): never {
    throw new ExchangeSqlError('BAD_VALUE', `the input ${name} of ${this.procedure} ${problem}`, hint === undefined ? {} : { hint });
  }

  /** A path in the call's mailbox: `/me…` or `/users/{id}…`; each value is one segment. */
  path(template: string, values: Readonly<Record<string, string>> = {}): string {
    return `${this.mailbox === undefined ? '/me' : `/users/${encodeSegment(this.mailbox)}`}${fillPath(template, values)}`;
  }
}

/** `/messages/{id}` with encoded values. */
export function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    // Without it the path would be that of the collection.
    if (values[name] === '') throw new ExchangeSqlError('BAD_PARAMETER', 'an empty text is no id', { hint: 'Give the id of an item.' });
    return encodeSegment(values[name]!);
  });
}

export interface Recipient {
  readonly emailAddress: { readonly address: string; readonly name?: string };
}

type Refuse = (problem: string) => never;

function parsedArray(text: string, refuse: Refuse): readonly unknown[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // said below
  }
  return refuse('begins with [ but is no JSON array');
}

export function listOf(text: string, refuse: Refuse): readonly string[] {
  const array = parsedArray(text, refuse) ?? text.split(';').map((part) => part.trim()).filter((part) => part !== '');
  return array.map((item) => (typeof item === 'string' ? item : refuse('has to be a list of texts')));
}

/** Separators are `;`, and `,` outside of quotes and of `Name <address>` with a comma in the name before it. */
export function recipientsOf(text: string, refuse: Refuse): readonly Recipient[] {
  const array = parsedArray(text, refuse);
  const found = array === undefined ? splitAddresses(text).map((one) => readAddress(one, refuse)) : array.map((item) => readItem(item, refuse));
  if (found.length === 0) refuse('names nobody');
  return found;
}

function splitAddresses(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    const ends = character === ';' || (character === ',' && part.includes('@'));
    if (ends && !quoted) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part].map((one) => one.trim()).filter((one) => one !== '');
}

function readAddress(text: string, refuse: Refuse): Recipient {
  const named = /^(.*?)\s*<([^<>]*)>$/.exec(text);
  const address = (named?.[2] ?? text).trim();
  const name = named?.[1]?.trim().replace(/^"(.*)"$/, '$1').trim();
  return recipient(address, name, refuse);
}

function readItem(item: unknown, refuse: Refuse): Recipient {
  if (typeof item === 'string') return readAddress(item.trim(), refuse);
  const given = member(item, 'emailAddress') ?? item;
  const address = member(given, 'address');
  const name = member(given, 'name');
  return recipient(typeof address === 'string' ? address : '', typeof name === 'string' ? name : undefined, refuse);
}

function recipient(address: string, name: string | undefined, refuse: Refuse): Recipient {
  if (!/^[^\s@<>;,"]+@[^\s@<>;,"]+$/.test(address)) refuse(`holds '${address.slice(0, 60)}', which is no mail address`);
  return { emailAddress: name === undefined || name === '' ? { address } : { address, name } };
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as GraphObject)[name] : undefined;
}

/** Text at a `/`-separated path of an answer; NULL where it is absent. */
export function textAt(value: unknown, path: string): string | null {
  const found = path.split('/').reduce(member, value);
  return typeof found === 'string' ? found : null;
}
