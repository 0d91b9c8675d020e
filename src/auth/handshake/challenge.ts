/**
 * Owns: reading WWW-Authenticate and Proxy-Authenticate (RFC 9110 section 11) into challenges.
 * Does not own: answering them.
 * Invariants: read by the grammar: several challenges in one header, token68, quoted strings with commas; what does not fit ends the reading.
 */
export interface Challenge {
  /** In lower case: `basic`, `digest`, `ntlm`, `negotiate`, `bearer`. */
  readonly scheme: string;
  /** Base64 of NTLM and Negotiate; undefined where there is none. */
  readonly token68: string | undefined;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=\s*(?:,|$))/y;
const BLANKS = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;

/**
 * @param header the header's value; repeated headers joined by a comma.
 * @example readChallenges('Negotiate, NTLM, Basic realm="Exchange, Ltd"').map(({ scheme }) => scheme); // negotiate, ntlm, basic
 */
export function readChallenges(header: string): readonly Challenge[] {
  const reader = new Reader(header);
  const challenges: Challenge[] = [];
  for (;;) {
    reader.commas();
    const scheme = reader.take(TOKEN);
    if (scheme === undefined) return challenges;
    const spaced = reader.take(BLANKS) !== '';
    challenges.push({ scheme: scheme.toLowerCase(), ...(spaced ? reader.details() : { token68: undefined, parameters: new Map() }) });
    if (!reader.between()) return challenges;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  commas(): void {
    while (this.#at < this.#text.length && /[ \t,]/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  /** True at the end and before a comma: where a challenge can end. */
  between(): boolean {
    this.take(BLANKS);
    return this.#at >= this.#text.length || this.#text.charAt(this.#at) === ',';
  }

  details(): Omit<Challenge, 'scheme'> {
    const parameters = new Map<string, string>();
    const start = this.#at;
    // A parameter is tried first: `realm="x"` is no token68, but `abc=` may look like the beginning of one.
    for (;;) {
      const before = this.#at;
      this.commas();
      const name = this.take(TOKEN);
      this.take(BLANKS);
      if (name === undefined || this.#text.charAt(this.#at) !== '=') {
        this.#at = before;
        break;
      }
      this.#at += 1;
      this.take(BLANKS);
      const value = this.#value();
      if (value === undefined) {
        this.#at = before;
        break;
      }
      if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
    }
    if (parameters.size > 0) return { token68: undefined, parameters };
    this.#at = start;
    return { token68: this.take(TOKEN68), parameters };
  }

  #value(): string | undefined {
    if (this.#text.charAt(this.#at) !== '"') return this.take(TOKEN);
    return this.take(QUOTED)?.slice(1, -1).replace(/\\([^])/g, '$1');
  }
}
