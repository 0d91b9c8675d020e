/**
 * Owns: `$search`: the quoted clauses and the KQL inside them, and matching a document against it.
 * Does not own: which texts a field stands for (the caller's `read`), the limit of 1,000 hits.
 * Invariants: operators are AND, OR, NOT in capitals; words match prefixes of words; a stray quote inside the value drops the
 * search silently, as the service does (facts 1.2).
 */
import { OdataError, invalidCharacter, syntaxError } from './error.js';
import { foldText, readMoment } from './values.js';

export type SearchOperator = '=' | '>' | '>=' | '<' | '<=' | '<>';

export type SearchNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly SearchNode[] }
  | { readonly kind: 'not'; readonly part: SearchNode }
  | {
    readonly kind: 'term';
    /** Lower-case field name; undefined: the default fields. */
    readonly field: string | undefined;
    readonly operator: SearchOperator;
    /** Text as given, without quotes; of a range `a..b` its lower end. */
    readonly value: string;
    readonly upper: string | undefined;
    readonly phrase: boolean;
  };

/** What a field holds: texts are matched by word, numbers, booleans and dates by value (dates as Date). */
export type SearchValue = string | number | boolean | Date;

/**
 * Reads a `$search` value: `"subject:budget from:ann"`, `"displayName:x" OR "givenName:x"`, `budget`.
 * Undefined: the service drops such a search silently. Throws OdataError where it refuses.
 */
export function parseSearch(text: string): SearchNode | undefined {
  const clauses = readClauses(text);
  return clauses === undefined ? undefined : combine(clauses, text);
}

type Piece = { readonly kind: 'word'; readonly word: 'AND' | 'OR' | 'NOT' | '(' | ')'; readonly position: number } | { readonly kind: 'node'; readonly node: SearchNode | undefined };

/** The outer level: OData's own search grammar, whose phrases hold KQL. */
function readClauses(text: string): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (/\s/.test(character)) at++;
    else if (character === '(' || character === ')') pieces.push({ kind: 'word', word: character, position: at++ });
    else if (character === '"') {
      const end = closingQuote(text, at);
      if (end < 0) throw syntaxError(text.length, text);
      // A quote closed in the middle of the value: `"a "b" c"`.
      const after = text.charAt(end + 1);
      if (after !== '' && !/[\s)]/.test(after)) return undefined;
      const kql = text.slice(at + 1, end).replace(/\\(["\\])/g, '$1');
      pieces.push({ kind: 'node', node: parseKql(kql) });
      at = end + 1;
    } else {
      const word = /^[^\s()"]+/.exec(text.slice(at))?.[0] ?? character;
      const odd = /[:'<>=;,]/.exec(word);
      if (odd !== null) throw invalidCharacter(odd[0], at + odd.index, text);
      if (word === 'AND' || word === 'OR' || word === 'NOT') pieces.push({ kind: 'word', word, position: at });
      else pieces.push({ kind: 'node', node: term(undefined, '=', word, false) });
      at += word.length;
    }
  }
  // `"a "b c"`: a phrase directly beside bare words is a stray quote, not two clauses.
  const strayed = pieces.some((piece, index) => piece.kind === 'node' && pieces[index + 1]?.kind === 'node') && text.includes('"');
  return strayed ? undefined : pieces;
}

function closingQuote(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text.charAt(index) === '\\') index++;
    else if (text.charAt(index) === '"') return index;
  }
  return -1;
}

/** KQL: words, field:value, quoted phrases, AND OR NOT (and a leading minus), brackets. */
function parseKql(text: string): SearchNode | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const bracket = /^[()]/.exec(rest);
    if (bracket !== null) {
      pieces.push({ kind: 'word', word: bracket[0] as '(' | ')', position: at++ });
      continue;
    }
    const word = /^(AND|OR|NOT)(?=[\s()]|$)/.exec(rest);
    if (word !== null) {
      pieces.push({ kind: 'word', word: word[0] as 'AND', position: at });
      at += word[0].length;
      continue;
    }
    const sign = /^[-+](?=[^\s])/.exec(rest);
    if (sign !== null) {
      if (sign[0] === '-') pieces.push({ kind: 'word', word: 'NOT', position: at });
      at++;
      continue;
    }
    const found = /^(?:([A-Za-z]+)(:(?:>=|<=|<>|>|<|=)?|>=|<=|<>|>|<|=))?(?:"([^"]*)"?|([^\s()"]+))/.exec(rest);
    if (found === null || (found[1] === undefined && /^[A-Za-z]+:$/.test(found[4] ?? ''))) {
      // A field without a value, or a lone quote: the term is void.
      at += (/^[^\s()]+/.exec(rest)?.[0] ?? ' ').length;
      continue;
    }
    const operator = (found[2] ?? '=').replace(/^:(?=.)/, '').replace(':', '=') as SearchOperator;
    pieces.push({ kind: 'node', node: term(found[1]?.toLowerCase(), operator, found[3] ?? found[4] ?? '', found[3] !== undefined) });
    at += found[0].length;
  }
  return pieces.length === 0 ? undefined : combine(pieces, text);
}

function term(field: string | undefined, operator: SearchOperator, value: string, phrase: boolean): SearchNode {
  const range = phrase || field === undefined ? null : /^(.+?)\.\.(.+)$/.exec(value);
  return { kind: 'term', field, operator, value: range?.[1] ?? value, upper: range?.[2], phrase };
}

/** NOT binds before AND (also unwritten), AND before OR. */
function combine(pieces: readonly Piece[], text: string): SearchNode | undefined {
  let at = 0;
  const word = (): string | undefined => {
    const piece = pieces[at];
    return piece?.kind === 'word' ? piece.word : undefined;
  };
  const join = (kind: 'and' | 'or', parts: readonly (SearchNode | undefined)[]): SearchNode | undefined => {
    const known = parts.filter((part) => part !== undefined);
    return known.length > 1 ? { kind, parts: known } : known[0];
  };
  const either = (): SearchNode | undefined => {
    const parts = [both()];
    while (word() === 'OR') {
      at++;
      parts.push(both());
    }
    return join('or', parts);
  };
  const both = (): SearchNode | undefined => {
    const parts = [single()];
    while (at < pieces.length && word() !== 'OR' && word() !== ')') {
      if (word() === 'AND') at++;
      parts.push(single());
    }
    return join('and', parts);
  };
  const single = (): SearchNode | undefined => {
    const piece = pieces[at];
    if (piece === undefined) throw new OdataError(400, 'BadRequest', `Expression expected at position ${text.length} in '${text}'.`);
    at++;
    if (piece.kind === 'node') return piece.node;
    if (piece.word === 'NOT') {
      const part = single();
      return part === undefined ? undefined : { kind: 'not', part };
    }
    if (piece.word !== '(') throw syntaxError(piece.position, text);
    const inner = either();
    if (word() !== ')') throw syntaxError(text.length, text);
    at++;
    return inner;
  };
  const node = either();
  if (at < pieces.length) throw syntaxError(text.length, text);
  return node;
}

/**
 * True if the document matches. `read` gives a field's values (undefined field: the default ones), or undefined for a field
 * that does not exist, which then matches nothing.
 */
export function matchSearch(node: SearchNode, read: (field: string | undefined) => readonly SearchValue[] | undefined): boolean {
  switch (node.kind) {
    case 'and':
      return node.parts.every((part) => matchSearch(part, read));
    case 'or':
      return node.parts.some((part) => matchSearch(part, read));
    case 'not':
      return !matchSearch(node.part, read);
    case 'term': {
      const values = read(node.field) ?? [];
      if (node.operator === '<>') return !values.some((value) => matchValue(value, { ...node, operator: '=' }));
      return values.some((value) => matchValue(value, node));
    }
  }
}

function matchValue(value: SearchValue, node: SearchNode & { readonly kind: 'term' }): boolean {
  if (typeof value === 'string') return matchText(value, node.value, node.phrase);
  if (typeof value === 'boolean') return value === /^(true|yes|1)$/i.test(node.value);
  if (value instanceof Date) {
    // A date stands for the whole day.
    const wholeDay = (text: string): readonly [number, number] | undefined => {
      const moment = readMoment(text);
      return moment === undefined ? undefined : [moment.ms, text.includes('T') ? moment.ms : moment.ms + 86_399_999];
    };
    return within(value.getTime(), node, wholeDay);
  }
  return within(value, node, (text) => (/^\d+(\.\d+)?$/.test(text) ? [Number(text), Number(text)] : undefined));
}

function within(value: number, node: SearchNode & { readonly kind: 'term' }, read: (text: string) => readonly [number, number] | undefined): boolean {
  const first = read(node.value);
  if (first === undefined) return false;
  const last = node.upper === undefined ? first : read(node.upper);
  if (last === undefined) return false;
  switch (node.operator) {
    case '>':
      return value > first[1];
    case '>=':
      return value >= first[0];
    case '<':
      return value < first[0];
    case '<=':
      return value <= last[1];
    default:
      return value >= first[0] && value <= last[1];
  }
}

const WORDS = /[\p{L}\p{N}\p{M}_]+/gu;

/** Every word of the value must begin a word of the text; of a phrase, one after the other. */
function matchText(text: string, value: string, phrase: boolean): boolean {
  const wanted = foldText(value).match(WORDS) ?? [];
  const words = foldText(text).match(WORDS) ?? [];
  if (wanted.length === 0) return false;
  // ann@contoso.example and other joined words are phrases too.
  const joined = phrase || wanted.length > 1;
  return words.some((_, start) => wanted.every((word, index) => {
    const found = words[start + index];
    if (found === undefined) return false;
    return joined && index < wanted.length - 1 ? found === word : found.startsWith(word);
  }));
}
