/**
 * Owns: finding the clauses of INSERT, UPSERT, UPDATE and DELETE by tokens alone (write-skeleton.ts says what they are).
 * Does not own: syntax errors (SQLite reports them on the text itself), expressions, the queries inside.
 * Invariants: what is known from other dialects and means something else here is refused with the form to use; what is odd
 * otherwise is left out, for SQLite to complain about.
 */
import { ExchangeSqlError } from '../errors.js';
import type { Span } from './ast.js';
import { nameOf, nameOrText, type Token } from './tokenizer.js';
import type { Assignment, ConflictClause, InsertSource, NamedSpan, WriteSkeleton, WriteTarget } from './write-skeleton.js';

/**
 * Reads a writing statement.
 *
 * @returns undefined where no target can be found: SQLite will say what is wrong. A form of another dialect that tables of a mailbox
 * do not take is in `refusal`.
 */
export function readWrite(tokens: readonly Token[]): WriteSkeleton | undefined {
  return new WriteReader(tokens).read();
}

const VERBS = new Set(['INSERT', 'UPSERT', 'REPLACE', 'UPDATE', 'DELETE']);

class WriteReader {
  readonly #tokens: readonly Token[];
  readonly #close = new Map<number, number>();
  readonly #end: number;
  #refusal: ExchangeSqlError | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#end = tokens.length;
    const open: number[] = [];
    tokens.forEach(({ key }, index) => {
      if (key === '(') open.push(index);
      else if (key === ')') {
        const from = open.pop();
        if (from !== undefined) this.#close.set(from, index);
      }
    });
  }

  read(): WriteSkeleton | undefined {
    const skeleton = this.#statement();
    return skeleton === undefined || this.#refusal === undefined ? skeleton : { ...skeleton, refusal: this.#refusal };
  }

  #statement(): WriteSkeleton | undefined {
    const verb = this.#key(0) === 'WITH' ? this.#find(0, this.#end, (index) => VERBS.has(this.#key(index))) : 0;
    const token = this.#tokens[verb];
    if (token === undefined) return undefined;
    const before = verb === 0 ? { ctes: [] } : { with: this.#span(0, verb), ctes: this.#ctes(verb) };
    const common = { verb: { start: token.start, end: token.end }, ...before };
    switch (token.key) {
      case 'INSERT':
      case 'UPSERT':
      case 'REPLACE':
        return this.#insert(verb, common);
      case 'UPDATE':
        return this.#update(verb, common);
      case 'DELETE':
        return this.#delete(verb, common);
      default:
        return undefined;
    }
  }

  #key(index: number): string {
    return this.#tokens[index]?.key ?? '';
  }

  #span(from: number, to: number): Span {
    return { start: this.#tokens[from]?.start ?? 0, end: this.#tokens[to - 1]?.end ?? 0 };
  }

  #step(index: number): number {
    return (this.#key(index) === '(' ? (this.#close.get(index) ?? index) : index) + 1;
  }

  /** First index in from..to, at depth 0, where `test` holds; `to` if nowhere. */
  #find(from: number, to: number, test: (index: number) => boolean): number {
    for (let index = from; index < to; index = this.#step(index)) if (test(index)) return index;
    return to;
  }

  /** The first stands: whether it matters is known when the target is, because temporary tables take all that SQLite does. */
  #refuse(index: number, code: 'NOT_SUPPORTED' | 'SYNTAX', message: string, hint: string): void {
    const position = this.#tokens[index]?.start;
    this.#refusal ??= new ExchangeSqlError(code, message, { hint, ...(position === undefined ? {} : { position }) });
  }

  #ctes(verb: number): string[] {
    const names: string[] = [];
    let at = this.#key(1) === 'RECURSIVE' ? 2 : 1;
    while (at < verb) {
      const name = nameOrText(this.#tokens[at]!);
      if (name !== undefined) names.push(name);
      at = this.#find(at, verb, (index) => this.#key(index) === ',') + 1;
    }
    return names;
  }

  /** `[schema.]name [AS alias]`, and the index behind it. Without AS an alias is taken where no clause begins. */
  #target(from: number, clauses: ReadonlySet<string>): { readonly target: WriteTarget; readonly next: number } | undefined {
    const path: string[] = [];
    let at = from;
    for (;;) {
      const name = this.#tokens[at] === undefined ? undefined : nameOrText(this.#tokens[at]!);
      if (name === undefined) return undefined;
      path.push(name);
      at += 1;
      if (this.#key(at) !== '.') break;
      at += 1;
    }
    const span = this.#span(from, at);
    const named = this.#key(at) === 'AS' ? at + 1 : at;
    const token = this.#tokens[named];
    const name = token === undefined || (named === at && (token.kind === 'string' || clauses.has(token.key))) ? undefined : nameOrText(token);
    if (name === undefined) return { target: { path, span }, next: at };
    return { target: { path, span, alias: { name, span: this.#span(named, named + 1) } }, next: named + 1 };
  }

  /** Names between parentheses; undefined if something else stands there. */
  #names(open: number): readonly NamedSpan[] | undefined {
    const close = this.#close.get(open);
    if (close === undefined) return undefined;
    const names: NamedSpan[] = [];
    for (const [from, to] of this.#list(open + 1, close)) {
      const name = nameOrText(this.#tokens[to - 1]!);
      // `t.a` among the columns of t is a.
      const qualified = to - from > 1 && this.#key(to - 2) === '.';
      if (name === undefined || (to - from > 1 && !qualified)) return undefined;
      names.push({ name, span: this.#span(from, to) });
    }
    return names;
  }

  /** Parts between depth-0 commas; an empty part is left out. */
  #list(from: number, to: number): [number, number][] {
    const parts: [number, number][] = [];
    let start = from;
    while (start < to) {
      const comma = this.#find(start, to, (index) => this.#key(index) === ',');
      if (comma > start) parts.push([start, comma]);
      start = comma + 1;
    }
    return parts;
  }

  #returning(from: number, to: number): { readonly at: number; readonly returning?: WriteSkeleton['returning'] } {
    const output = this.#find(from, to, (index) => this.#key(index) === 'OUTPUT' && this.#isOutput(index));
    if (output < to) this.#refuse(output, 'NOT_SUPPORTED', 'OUTPUT is not offered', 'Write RETURNING with the columns at the end of the statement: … RETURNING id.');
    const at = this.#find(from, to, (index) => this.#key(index) === 'RETURNING');
    if (at >= to) return { at: to };
    const end = this.#find(at, to, (index) => this.#isTail(index));
    return { at, returning: { span: this.#span(at, end), items: this.#span(at + 1, end) } };
  }

  /** `OUTPUT inserted.id`: the words of T-SQL, not a column of that name. */
  #isOutput(index: number): boolean {
    return ['INSERTED', 'DELETED'].includes(this.#key(index + 1)) && this.#key(index + 2) === '.';
  }

  #isTail(index: number): boolean {
    return this.#key(index) === 'LIMIT' || (this.#key(index) === 'ORDER' && this.#key(index + 1) === 'BY');
  }

  #insert(verb: number, common: Pick<WriteSkeleton, 'verb' | 'with' | 'ctes'>): WriteSkeleton | undefined {
    const word = this.#key(verb);
    if (word === 'REPLACE' || this.#key(verb + 1) === 'OR') {
      this.#refuse(verb, 'NOT_SUPPORTED', `${word === 'REPLACE' ? 'REPLACE' : `INSERT OR ${this.#key(verb + 2)}`} is not offered on tables of a mailbox`, 'Write UPSERT INTO …, or INSERT … ON CONFLICT (id) DO UPDATE SET … or DO NOTHING.');
    }
    if (this.#isTop(verb)) this.#refuse(verb + 1, 'NOT_SUPPORTED', 'INSERT TOP is not offered', 'Write INSERT INTO … SELECT … LIMIT n.');
    if (!['INTO', 'OR', 'TOP'].includes(this.#key(verb + 1)) && word !== 'UPSERT' && this.#tokens[verb + 1] !== undefined) this.#refuse(verb + 1, 'SYNTAX', `INSERT needs INTO before ${this.#tokens[verb + 1]!.text}`, 'Write INSERT INTO table (columns) VALUES (…).');
    let at = this.#afterHead(verb);
    if (this.#key(at) === 'INTO') at += 1;
    const found = this.#target(at, new Set(['VALUES', 'SELECT', 'WITH', 'DEFAULT', 'OUTPUT', 'RETURNING', 'SET']));
    if (found === undefined) return undefined;
    at = found.next;
    let columns: WriteSkeleton['columns'];
    if (this.#key(at) === '(') {
      const names = this.#names(at);
      const close = this.#close.get(at);
      if (names === undefined || close === undefined) return undefined;
      columns = { span: this.#span(at, close + 1), names };
      at = close + 1;
    }
    const end = this.#returning(at, this.#end);
    const conflictAt = this.#find(at, end.at, (index) => this.#key(index) === 'ON' && this.#key(index + 1) === 'CONFLICT');
    const duplicate = this.#find(at, end.at, (index) => this.#key(index) === 'ON' && this.#key(index + 1) === 'DUPLICATE');
    if (duplicate < end.at) this.#refuse(duplicate, 'NOT_SUPPORTED', 'ON DUPLICATE KEY is not offered', 'Write ON CONFLICT (id) DO UPDATE SET a = excluded.a.');
    const source = this.#source(at, conflictAt);
    const conflict = conflictAt < end.at ? this.#conflict(conflictAt, end.at) : undefined;
    return {
      kind: 'insert',
      form: word === 'UPSERT' ? 'upsert' : 'plain',
      ...common,
      target: found.target,
      ...(columns === undefined ? {} : { columns }),
      ...(source === undefined ? {} : { source }),
      ...(conflict === undefined ? {} : { conflict }),
      assignments: [],
      ...(end.returning === undefined ? {} : { returning: end.returning }),
    };
  }

  #source(from: number, to: number): InsertSource | undefined {
    if (from >= to) return undefined;
    const span = this.#span(from, to);
    if (this.#key(from) === 'DEFAULT') return { kind: 'defaults', span };
    if (this.#key(from) !== 'VALUES') return { kind: 'select', span };
    const rows: Span[][] = [];
    const defaults: { row: number; column: number; span: Span }[] = [];
    let at = from + 1;
    for (;;) {
      const close = this.#close.get(at);
      if (this.#key(at) !== '(' || close === undefined) return { kind: 'select', span };
      const row = rows.length;
      rows.push(this.#list(at + 1, close).map(([start, stop], column) => {
        const one = this.#span(start, stop);
        if (stop - start === 1 && this.#key(start) === 'DEFAULT') defaults.push({ row, column, span: one });
        return one;
      }));
      at = close + 1;
      if (this.#key(at) !== ',') break;
      at += 1;
    }
    return at < to ? { kind: 'select', span } : { kind: 'values', span, rows, defaults };
  }

  #conflict(from: number, to: number): ConflictClause {
    const again = this.#find(from + 2, to, (index) => this.#key(index) === 'ON' && this.#key(index + 1) === 'CONFLICT');
    if (again < to) this.#refuse(again, 'NOT_SUPPORTED', 'a second ON CONFLICT is not offered', 'A row has one key; one ON CONFLICT names it.');
    let at = from + 2;
    if (this.#key(at) === 'ON' || this.#key(at) === 'CONSTRAINT') this.#refuse(at, 'NOT_SUPPORTED', 'ON CONFLICT ON CONSTRAINT is not offered', 'Name the key columns: ON CONFLICT (id).');
    let target: ConflictClause['target'];
    if (this.#key(at) === '(') {
      const names = this.#names(at);
      const close = this.#close.get(at) ?? at;
      if (names !== undefined) target = { span: this.#span(at + 1, close), columns: names };
      at = close + 1;
      if (this.#key(at) === 'WHERE') this.#refuse(at, 'NOT_SUPPORTED', 'a condition on the key of ON CONFLICT is not offered', 'Put the condition behind DO UPDATE SET … WHERE.');
    }
    const span = this.#span(from, to);
    const set = this.#find(at, to, (index) => this.#key(index) === 'SET');
    const update = this.#key(at + 1) === 'UPDATE' && set < to;
    if (!update) return { span, ...(target === undefined ? {} : { target }), action: 'nothing', assignments: [] };
    const where = this.#find(set, to, (index) => this.#key(index) === 'WHERE');
    return { span, ...(target === undefined ? {} : { target }), action: 'update', assignments: this.#assignments(set + 1, where), ...(where + 1 < to ? { where: this.#span(where + 1, to) } : {}) };
  }

  #assignments(from: number, to: number): Assignment[] {
    const assignments: Assignment[] = [];
    for (const [start, stop] of this.#list(from, to)) {
      const equals = this.#find(start, stop, (index) => this.#key(index) === '=');
      if (equals >= stop - 1 || equals === start) continue;
      if (this.#key(start) === '(') assignments.push(...this.#rowAssignment(start, equals, stop));
      else {
        const name = nameOf(this.#tokens[equals - 1]!);
        // `t.a = 1` sets a of the target: SQLite itself takes the bare name only.
        if (name !== undefined) assignments.push({ column: { name, span: this.#span(start, equals) }, expression: this.#span(equals + 1, stop) });
      }
    }
    return assignments;
  }

  #rowAssignment(start: number, equals: number, stop: number): Assignment[] {
    const names = this.#names(start) ?? [];
    const open = equals + 1;
    const close = this.#close.get(open);
    const isList = close !== undefined && this.#key(open) === '(' && close === stop - 1 && !['SELECT', 'WITH', 'VALUES'].includes(this.#key(open + 1));
    const values = isList ? this.#list(open + 1, close) : [];
    if (!isList) this.#refuse(open, 'NOT_SUPPORTED', 'several columns cannot be set from one subquery', 'Give a value for each column: SET a = (SELECT …), b = (SELECT …), or use UPDATE … FROM.');
    return names.flatMap((column, index) => (values[index] === undefined ? [] : [{ column, expression: this.#span(...values[index]) }]));
  }

  #update(verb: number, common: Pick<WriteSkeleton, 'verb' | 'with' | 'ctes'>): WriteSkeleton | undefined {
    if (this.#key(verb + 1) === 'OR') this.#refuse(verb + 1, 'NOT_SUPPORTED', `UPDATE OR ${this.#key(verb + 2)} is not offered on tables of a mailbox`, 'Leave it out.');
    this.#refuseTop(verb);
    const found = this.#target(this.#afterHead(verb), new Set(['SET', 'FROM', 'WHERE', 'INDEXED', 'NOT', 'JOIN', 'INNER', 'LEFT', 'SELECT', 'OUTPUT']));
    if (found === undefined) return undefined;
    const { target } = found;
    const at = this.#afterIndexed(found.next);
    const end = this.#returning(at, this.#end);
    const returning = end.returning === undefined ? {} : { returning: end.returning };
    if (this.#key(at) === '(') return this.#updateSelect(at, end.at, { ...common, target, ...returning });
    if (this.#key(at) === ',' || ['JOIN', 'INNER', 'LEFT', 'CROSS'].includes(this.#key(at))) this.#refuse(at, 'SYNTAX', 'UPDATE names one table before SET', 'Write UPDATE table SET … FROM other WHERE table.x = other.x.');
    if (this.#key(at) !== 'SET') return this.#refusal === undefined ? undefined : { kind: 'update', form: 'plain', ...common, target, assignments: [] };
    const tailAt = this.#find(at, this.#end, (index) => this.#isTail(index));
    const stop = Math.min(end.at, tailAt);
    const whereAt = this.#find(at, stop, (index) => this.#key(index) === 'WHERE');
    const fromAt = this.#find(at, whereAt, (index) => this.#key(index) === 'FROM' && this.#key(index - 1) !== 'DISTINCT');
    return {
      kind: 'update',
      form: 'plain',
      ...common,
      target,
      assignments: this.#assignments(at + 1, fromAt),
      ...(fromAt + 1 < whereAt ? { from: this.#span(fromAt + 1, whereAt) } : {}),
      ...(whereAt + 1 < stop ? { where: this.#span(whereAt + 1, stop) } : {}),
      ...(tailAt < this.#end ? { tail: this.#span(tailAt, this.#end) } : {}),
      ...returning,
    };
  }

  /** `UPDATE t (id, a) SELECT id, a FROM …`: the rows of t with these keys get these values. */
  #updateSelect(at: number, end: number, common: Pick<WriteSkeleton, 'verb' | 'with' | 'ctes' | 'target' | 'returning'>): WriteSkeleton | undefined {
    const names = this.#names(at);
    const close = this.#close.get(at);
    if (names === undefined || close === undefined || close + 1 >= end) return undefined;
    return { kind: 'update', form: 'update-select', ...common, columns: { span: this.#span(at, close + 1), names }, source: { kind: 'select', span: this.#span(close + 1, end) }, assignments: [] };
  }

  #delete(verb: number, common: Pick<WriteSkeleton, 'verb' | 'with' | 'ctes'>): WriteSkeleton | undefined {
    this.#refuseTop(verb);
    const from = this.#afterHead(verb);
    if (this.#key(from) !== 'FROM' && this.#tokens[from] !== undefined) this.#refuse(verb + 1, 'SYNTAX', `DELETE needs FROM before ${this.#tokens[verb + 1]!.text}`, 'Write DELETE FROM table WHERE ….');
    const found = this.#target(this.#key(from) === 'FROM' ? from + 1 : from, new Set(['WHERE', 'USING', 'RETURNING', 'ORDER', 'LIMIT', 'INDEXED', 'NOT', 'OUTPUT']));
    if (found === undefined) return undefined;
    const at = this.#afterIndexed(found.next);
    if (this.#key(at) === 'USING') this.#refuse(at, 'NOT_SUPPORTED', 'DELETE … USING is not offered', 'Write DELETE FROM table WHERE id IN (SELECT …).');
    const end = this.#returning(at, this.#end);
    const tailAt = this.#find(at, this.#end, (index) => this.#isTail(index));
    const stop = Math.min(end.at, tailAt);
    return {
      kind: 'delete',
      form: 'plain',
      ...common,
      target: found.target,
      assignments: [],
      ...(this.#key(at) === 'WHERE' && at + 1 < stop ? { where: this.#span(at + 1, stop) } : {}),
      ...(tailAt < this.#end ? { tail: this.#span(tailAt, this.#end) } : {}),
      ...(end.returning === undefined ? {} : { returning: end.returning }),
    };
  }

  /** Index behind the verb, `OR word` and `TOP n`. */
  #afterHead(verb: number): number {
    if (this.#key(verb + 1) === 'OR') return verb + 3;
    return this.#isTop(verb) ? this.#step(verb + 2) : verb + 1;
  }

  #isTop(verb: number): boolean {
    const next = this.#tokens[verb + 2];
    return this.#key(verb + 1) === 'TOP' && next !== undefined && (next.kind === 'number' || next.kind === 'parameter' || next.key === '(');
  }

  #refuseTop(verb: number): void {
    if (this.#isTop(verb)) this.#refuse(verb + 1, 'NOT_SUPPORTED', `${this.#key(verb)} TOP is not offered`, `Put ORDER BY … LIMIT n at the end of the ${this.#key(verb)}.`);
  }

  /** SQLite's hints on indexes say nothing about tables that have none. */
  #afterIndexed(at: number): number {
    if (this.#key(at) === 'INDEXED') return at + 3;
    return this.#key(at) === 'NOT' && this.#key(at + 1) === 'INDEXED' ? at + 2 : at;
  }
}
