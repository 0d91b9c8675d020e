/**
 * Owns: the admin path: faults, log, clock, tokens, and changes to messages, for tests and demonstrations.
 * Does not own: Graph.
 * Invariants: JSON in, JSON out; nothing here is throttled, logged or hit by a fault.
 */
import type { Faults } from './faults.js';
import type { Deployment } from './handler.js';
import { isObject, type Entity } from './json.js';
import { MailboxFiller } from './store/mailbox-writer.js';
import type { Json, JsonObject } from './writer.js';

export interface AdminAnswer {
  readonly status: number;
  readonly body: Json;
}

class Refused extends Error {}

export class Admin {
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  answer(method: string, path: string, query: URLSearchParams, body: string): Promise<AdminAnswer> {
    try {
      const given = body.trim() === '' ? {} : JSON.parse(body) as Json;
      if (!isObject(given)) throw new Refused('The body must be a JSON object.');
      return Promise.resolve({ status: 200, body: this.#route(method, path.replace(/\/$/, ''), query, given) });
    } catch (error) {
      if (error instanceof Refused || error instanceof TypeError || error instanceof SyntaxError) return Promise.resolve({ status: 400, body: { error: error.message } });
      throw error;
    }
  }

  #route(method: string, path: string, query: URLSearchParams, given: JsonObject): Json {
    const { faults, log, clock, rules, store } = this.#deployment;
    const key = `${method} ${path}`;
    switch (key) {
      case 'GET ':
        return { endpoints: ['faults', 'log', 'clock', 'authorization', 'mailboxes', 'messages'] };
      case 'GET /faults':
        return { ...faults.get() };
      case 'POST /faults':
        faults.set(given as Partial<Faults>);
        return { ...faults.get() };
      case 'DELETE /faults':
        faults.reset();
        return { ...faults.get() };
      case 'GET /log':
        return { entries: log.entries.map((entry) => ({ ...entry })), dropped: log.dropped, peakConcurrency: { ...log.peaks } };
      case 'DELETE /log':
      case 'POST /log/reset':
        log.reset();
        return {};
      case 'GET /clock':
        return { now: new Date(clock.now()).toISOString(), frozen: clock.frozen };
      case 'POST /clock': {
        const now = typeof given.now === 'string' ? new Date(given.now) : undefined;
        if (now === undefined || Number.isNaN(now.getTime())) throw new Refused("'now' must be an ISO date and time.");
        clock.set(now, given.frozen !== false);
        return { now: new Date(clock.now()).toISOString(), frozen: clock.frozen };
      }
      case 'GET /authorization':
        return { requireToken: rules.requireToken, scopes: rules.scopes === undefined ? null : [...rules.scopes] };
      case 'POST /authorization':
        if (typeof given.requireToken === 'boolean') rules.requireToken = given.requireToken;
        if (given.scopes === null) rules.scopes = undefined;
        else if (Array.isArray(given.scopes)) rules.scopes = given.scopes.map(String);
        if (Array.isArray(given.tokens)) rules.tokens = new Set(given.tokens.map(String));
        if (Array.isArray(given.expired)) rules.expired = new Set(given.expired.map(String));
        return { requireToken: rules.requireToken, scopes: rules.scopes === undefined ? null : [...rules.scopes] };
      case 'GET /mailboxes':
        return store.mailboxes.list().map((mailbox) => ({ userPrincipalName: mailbox.upn, kind: mailbox.kind, id: mailbox.guid }));
      case 'POST /messages':
        return this.#addMessage(given);
      case 'POST /messages/move': {
        const row = this.#message(given.id);
        const filler = this.#filler(row.upn);
        if (typeof given.folder !== 'string') throw new Refused("'folder' must be a folder's path.");
        store.messages.move(row.n, filler.mailFolder(given.folder), clock.now());
        return this.#ids(row.n);
      }
      case 'POST /messages/delete':
      case 'DELETE /messages':
        store.messages.remove(this.#message(given.id ?? query.get('id')).n);
        return {};
      case 'POST /messages/patch': {
        const row = this.#message(given.id);
        if (!isObject(given.members)) throw new Refused("'members' must be an object.");
        store.messages.patch(row.n, { ...given.members } as Entity, clock.now());
        return this.#ids(row.n);
      }
      default:
        throw new Refused(`There is no admin request '${key}'.`);
    }
  }

  #filler(upn: Json | undefined): MailboxFiller {
    const mailbox = typeof upn === 'string' ? this.#deployment.store.mailboxes.find(upn) : this.#deployment.mainUser();
    if (mailbox === undefined) throw new Refused(`There is no mailbox '${String(upn)}'.`);
    return new MailboxFiller(this.#deployment.store, mailbox);
  }

  #addMessage(given: JsonObject): Json {
    const now = this.#deployment.clock.now();
    const entity = isObject(given.entity) ? given.entity : {};
    const at = new Date(typeof given.receivedDateTime === 'string' ? given.receivedDateTime : now);
    if (Number.isNaN(at.getTime())) throw new Refused("'receivedDateTime' must be an ISO date and time.");
    const filler = this.#filler(given.mailbox);
    return this.#ids(filler.insertMessage(filler.mailFolder(typeof given.folder === 'string' ? given.folder : '/Inbox'), { entity, receivedDateTime: at, sentDateTime: at }));
  }

  #message(id: Json | undefined): { readonly n: number; readonly upn: string } {
    const { store } = this.#deployment;
    const ref = typeof id === 'string' ? store.ids.read(id) : undefined;
    const row = ref?.kind === 'message' ? store.messages.row(ref.row) : undefined;
    if (row === undefined) throw new Refused('There is no message with that id.');
    return { n: row.n, upn: store.mailboxes.byNumber(row.mailbox)?.upn ?? '' };
  }

  #ids(n: number): Json {
    const { store } = this.#deployment;
    const moves = store.messages.row(n)?.moves ?? 0;
    return { id: store.id('message', n, false, moves), immutableId: store.id('message', n, true, moves) };
  }
}
