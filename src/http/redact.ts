/**
 * Owns: removing secrets from text that leaves the process (trace lines, error messages).
 * Does not own: deciding what is traced.
 * Invariants: works without knowing the secrets (by name and by shape), and better with them (`Redactor.add`).
 */
const MASK = '***';

const SECRET_HEADERS = new Set([
  'authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-identity-header', 'www-authenticate', 'proxy-authenticate',
]);

const SECRET_FIELDS =
  'access_token|refresh_token|id_token|client_secret|client_assertion|assertion|password|code|code_verifier|device_code|' +
  'accessToken|refreshToken|idToken|clientSecret|OAuthAccessToken|OAuthRefreshToken|OAuthClientSecret|secret|clientState';

// "name":"value" with escapes; an unterminated value is masked to its end.
const JSON_FIELD = new RegExp(`("(?:${SECRET_FIELDS})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, 'gi');
const FORM_FIELD = new RegExp(`(^|[?&;#\\s])((?:${SECRET_FIELDS})=)[^&;#\\s]*`, 'gi');
// Addresses of uploads and downloads carry their permission in the query (facts 7); in JSON a quote ends them.
const ADDRESS_FIELD = /([?&](?:authtoken|tempauth|sig|sastoken)=)[^&#\s"\\]*/gi;
const SCHEME = /\b(Bearer|Basic|Negotiate|NTLM|Digest|PoP)\s+[A-Za-z0-9\-._~+/=%]{4,}/gi;
// A JSON Web Token: base64url of '{"' is always "eyJ" (or "ey" + other white space, never made in practice).
const JWT = /\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){1,4}/g;

export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.has(name.toLowerCase());
}

/** Masks tokens and secrets that can be recognised by name or shape. */
export function redactText(text: string): string {
  return text
    .replace(JSON_FIELD, `$1"${MASK}"`)
    .replace(FORM_FIELD, `$1$2${MASK}`)
    .replace(ADDRESS_FIELD, `$1${MASK}`)
    .replace(SCHEME, (_, scheme: string) => `${scheme} ${MASK}`)
    .replace(JWT, MASK);
}

/** Masks everything `redactText` masks and, besides, the exact secrets it was told of, in their usual encodings. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Remembers a secret. Texts shorter than 4 characters are not masked: they would hit ordinary words. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < 4) return;
    this.#secrets.add(secret);
    this.#secrets.add(encodeURIComponent(secret));
    this.#secrets.add(new URLSearchParams({ s: secret }).toString().slice(2));
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
    this.#secrets.add(Buffer.from(secret, 'utf8').toString('base64'));
  }

  redact(text: string): string {
    let result = text;
    // Longest first, so that a secret inside a longer one does not leave the rest of it behind.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) result = result.replaceAll(secret, MASK);
    return redactText(result);
  }
}
