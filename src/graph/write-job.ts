/**
 * Owns: the life of one job: its steps in turn, what is done when an answer is lost, what an answer means to its rows.
 * Does not own: which jobs run (write-run.ts), batches (write-batch.ts), uploads' pieces (write-upload.ts).
 * Invariants: a step that may have been executed is sent again only where its `repeat` makes that harmless; a job ends in exactly
 * one way.
 */
import { ExchangeSqlError } from '../errors.js';
import type { WriteKind } from '../scan/write.js';
import type { GraphBody, GraphObject } from './client.js';
import { isItemNotFound } from './errors.js';
import { encodeSegment } from './literal.js';
import type { Reply, WireRequest, WriteSender } from './write-batch.js';
import { lookAtVersion, lookForCreated, lookForLeft, withoutBody } from './write-look.js';
import type { Looked, Looker } from './write-look.js';
import { isLate } from './write-step.js';
import type { Repeat, StepAnswer, WriteJob, WriteStep, WrittenRow } from './write-step.js';
import { sendUpload } from './write-upload.js';
import type { Uploader } from './write-upload.js';

export type JobEnd =
  | { readonly kind: 'done'; readonly rows: readonly WrittenRow[] }
  /** DELETE: it was not there any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed' | 'unknown'; readonly error: ExchangeSqlError }
  | { readonly kind: 'skipped' };

export interface JobContext {
  readonly sender: WriteSender;
  readonly uploader: Uploader;
  readonly kind: WriteKind | 'call';
  /** Ids that are known to be some row's. */
  readonly taken: Set<string>;
  /** Ends when those that look alike and came before have ended: which of them an item is could not be told otherwise. */
  inTurn<T>(likeness: string, work: () => Promise<T>): Promise<T>;
  /** Milliseconds to wait before the `attempt`-th repeat (from 1). */
  waitMs(attempt: number): number;
  sleep(ms: number): Promise<void>;
}

type StepEnd =
  | { readonly kind: 'answer'; readonly answer: StepAnswer | undefined; readonly found?: GraphObject }
  | { readonly kind: 'failed' | 'unknown'; readonly error: ExchangeSqlError }
  | { readonly kind: 'withdrawn' };

/** Times a step is sent at most when its answers get lost. */
const MOST_TRIES = 10;
/** Times a job is begun anew because its version was overtaken. */
const MOST_RESTARTS = 5;

export async function runJob(planned: WriteJob, context: JobContext): Promise<JobEnd> {
  const job = planned.prepare === undefined ? planned : await planned.prepare();
  const likeness = job.steps.flatMap(({ repeat }) => (typeof repeat === 'object' && 'find' in repeat && repeat.find.by === 'likeness' ? [JSON.stringify([repeat.find.url, repeat.find.equal])] : []));
  const run = (): Promise<JobEnd> => runSteps(job, context);
  return likeness[0] === undefined ? run() : context.inTurn(likeness[0], run);
}

async function runSteps(job: WriteJob, context: JobContext): Promise<JobEnd> {
  for (let begun = 1; ; begun += 1) {
    const answers: (StepAnswer | undefined)[] = [];
    let found: GraphObject | undefined;
    let written = false;
    let again = false;
    for (const step of job.steps) {
      if (step.readBack === true && context.sender.stopped && !written) break;
      const end = await runStep(step, answers, job, context, written || begun > 1);
      if (end.kind === 'answer') {
        const refused = end.answer === undefined ? undefined : step.check?.(end.answer);
        if (refused !== undefined) return { kind: 'failed', error: partly(refused, written) };
        answers.push(end.answer);
        found ??= end.found;
        if (step.method !== 'GET') written = true;
        continue;
      }
      if (step.readBack === true) {
        answers.push(undefined);
        continue;
      }
      if (end.kind === 'withdrawn') return written ? { kind: 'failed', error: partly(stopped(), true) } : { kind: 'skipped' };
      if (end.kind === 'failed' && end.error.code === 'CONFLICT' && job.restartOnConflict === true && !written && begun < MOST_RESTARTS) {
        await context.sleep(context.waitMs(begun));
        again = true;
        break;
      }
      if (end.kind === 'failed' && !written && isItemNotFound(end.error)) {
        if (context.kind === 'delete') return { kind: 'gone' };
        if (context.kind === 'update') return { kind: 'failed', error: gone(end.error) };
      }
      return { kind: end.kind, error: end.kind === 'failed' ? partly(end.error, written) : end.error };
    }
    if (again) continue;
    const rows = found !== undefined && job.found !== undefined ? job.found(found) : job.outcome(answers);
    for (const { key } of rows) if (typeof key['id'] === 'string') context.taken.add(key['id']);
    return { kind: 'done', rows };
  }
}

async function runStep(step: WriteStep, answers: readonly (StepAnswer | undefined)[], job: WriteJob, context: JobContext, begun: boolean): Promise<StepEnd> {
  const { repeat } = step;
  /** What the last lost answer was; `told`: a look has told since that nothing was executed. */
  let lost: ExchangeSqlError | undefined;
  let told = false;
  let silent = false;
  for (let attempt = 1; ; attempt += 1) {
    const request = await requestOf(step, answers, job, begun || lost !== undefined);
    if (request === undefined) return { kind: 'failed', error: unfillable() };
    const sentAt = Date.now();
    const reply = step.upload === undefined ? await context.sender.send(request) : await sendUpload(request, step.upload, context.uploader);
    const judged = judge(reply, step, lost !== undefined);
    const open = lost !== undefined && !told;
    switch (judged.kind) {
      case 'answer':
        return judged;
      case 'withdrawn':
        return open ? { kind: 'unknown', error: unknown(lost!, step) } : judged;
      case 'failed':
        // That the repeat was refused, or found another version, does not tell what became of the first.
        return open && (judged.refused || judged.error.code === 'CONFLICT') ? { kind: 'unknown', error: unknown(lost!, step) } : judged;
      case 'again':
        // Not executed, and nobody asked for a version: an edit of somebody else's was in the way (facts 4.3).
        if (attempt >= MOST_TRIES) return open ? { kind: 'unknown', error: unknown(lost!, step) } : { kind: 'failed', error: judged.error };
        await context.sleep(context.waitMs(attempt));
        break;
      case 'lost': {
        lost = judged.error;
        silent ||= judged.answered !== true;
        if (repeat === 'never') return { kind: 'unknown', error: unknown(lost, step) };
        // A service that took too long may be at it still.
        await context.sleep(context.waitMs(attempt) * (judged.answered === true ? 4 : 1));
        const looked = await look(step, request, sentAt, context);
        if (looked?.kind === 'unclear') return { kind: 'unknown', error: unknown(lost, step) };
        if (looked?.kind === 'there') return { kind: 'answer', answer: { status: 200, headers: {}, body: looked.item }, ...(isCreate(repeat) ? { found: looked.item } : {}) };
        told = looked?.kind === 'absent';
        // A service that answers each time that it failed has failed; one that never answers leaves it open.
        if (attempt >= MOST_TRIES) return told || !silent ? { kind: 'failed', error: lost } : { kind: 'unknown', error: unknown(lost, step) };
      }
    }
  }
}

type Judged =
  | { readonly kind: 'answer'; readonly answer: StepAnswer | undefined }
  /** `refused`: it was not even executed. */
  | { readonly kind: 'failed'; readonly error: ExchangeSqlError; readonly refused: boolean }
  /** `answered`: by a status that does not tell whether it was executed. */
  | { readonly kind: 'lost'; readonly error: ExchangeSqlError; readonly answered?: boolean }
  | { readonly kind: 'again'; readonly error: ExchangeSqlError }
  | { readonly kind: 'withdrawn' };

function judge(reply: Reply, { repeat, ifMatch }: WriteStep, repeated: boolean): Judged {
  if (reply.kind === 'withdrawn') return reply;
  if (reply.kind === 'refused') return { kind: 'failed', error: reply.error, refused: true };
  if (reply.kind === 'lost') return reply;
  const { status, headers, body, error } = reply;
  if (error === undefined) return { kind: 'answer', answer: { status, headers, body } };
  if (repeated && status === 404 && (repeat === 'gone' || repeat === 'move')) return { kind: 'answer', answer: undefined };
  if (repeated && repeat === 'present' && (status === 409 || (status === 400 && /exist/i.test(error.message)))) return { kind: 'answer', answer: undefined };
  if (isUncertain(status, error.serviceCode)) return { kind: 'lost', error, answered: true };
  if (error.code === 'CONFLICT' && ifMatch === undefined && error.serviceCode === 'ErrorIrresolvableConflict') return { kind: 'again', error };
  return { kind: 'failed', error, refused: false };
}

/** 504, 502, 408 and a failure inside: it may have been executed (facts 4.3). */
function isUncertain(status: number, serviceCode: string | undefined): boolean {
  if (status === 500) return serviceCode === undefined || /^ErrorInternalServer/.test(serviceCode);
  return status === 502 || status === 504 || status === 408;
}

const isCreate = (repeat: Repeat): boolean => typeof repeat === 'object' && 'find' in repeat;

/** What can be found out before a repeat; undefined where nothing has to. */
function look(step: WriteStep, request: WireRequest, sentAt: number, context: JobContext): Promise<Looked> | undefined {
  const { sender, taken } = context;
  const looker: Looker = {
    get: (wanted) => getAgain(context, wanted),
    serviceTime: (local) => sender.serviceTime(local),
    nextOf: (body) => sender.nextOf(body),
    isTaken: (id) => taken.has(id),
  };
  const base = withoutBody(request);
  const { repeat } = step;
  if (typeof repeat === 'object') return 'find' in repeat ? lookForCreated(repeat.find, base, sentAt, looker) : lookForLeft(repeat.left, base, looker);
  const etag = request.headers?.['If-Match'];
  return etag === undefined || repeat === 'gone' || step.method === 'GET' ? undefined : lookAtVersion(request, etag, sentAt, looker);
}

async function getAgain({ sender, sleep, waitMs }: JobContext, request: WireRequest): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    if (attempt > 1) await sleep(waitMs(attempt - 1));
    const reply = await sender.send(request);
    const broken = reply.kind === 'lost' || (reply.kind === 'answer' && isUncertain(reply.status, reply.error?.serviceCode));
    if (!broken || attempt >= MOST_TRIES) return reply;
  }
}

/** The step as a request; undefined if an answer it needs does not have what it needs. */
async function requestOf(step: WriteStep, answers: readonly (StepAnswer | undefined)[], { permission }: WriteJob, finish: boolean): Promise<WireRequest | undefined> {
  const headers: Record<string, string> = { ...step.headers };
  const member = (from: number, name: string): string | undefined => {
    const body = answers[from]?.body;
    const value = typeof body === 'object' && body !== null ? (body as GraphObject)[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  let { url } = step;
  if (step.idFrom !== undefined) {
    const id = member(step.idFrom, 'id');
    if (id === undefined) return undefined;
    url = url.replaceAll('{id}', encodeSegment(id));
  }
  if (step.ifMatch !== undefined) {
    const etag = typeof step.ifMatch === 'string' ? step.ifMatch : member(step.ifMatch.etagFrom, '@odata.etag');
    if (etag === undefined) return undefined;
    headers['If-Match'] = etag;
  }
  const known = answers.map((answer) => answer ?? { status: 0, headers: {}, body: undefined });
  const body: GraphBody = isLate(step.body) ? await step.body.build(known) : step.body;
  return {
    method: step.method,
    url,
    headers,
    mailbox: step.mailbox,
    permission,
    ...(body === undefined ? {} : { body }),
    ...(step.kind === 'alone' ? { alone: true } : {}),
    ...(finish ? { finish: true } : {}),
  };
}

function unknown(cause: ExchangeSqlError, { method }: WriteStep): ExchangeSqlError {
  return new ExchangeSqlError('OUTCOME_UNKNOWN', `The service gave no usable answer to a ${method}: it may have been done. (${cause.message})`, {
    hint: 'Look whether it was done before you repeat it.',
    cause,
    ...(cause.requestId === undefined ? {} : { requestId: cause.requestId }),
    ...(cause.status === undefined ? {} : { status: cause.status }),
    ...(cause.serviceCode === undefined ? {} : { serviceCode: cause.serviceCode }),
  });
}

function gone(cause: ExchangeSqlError): ExchangeSqlError {
  return new ExchangeSqlError('CONFLICT', `The row is not there any more: it was deleted or moved after it was read. (${cause.message})`, {
    hint: 'Read the rows again and repeat the change.',
    retryable: true,
    cause,
    ...(cause.requestId === undefined ? {} : { requestId: cause.requestId }),
    ...(cause.status === undefined ? {} : { status: cause.status }),
    ...(cause.serviceCode === undefined ? {} : { serviceCode: cause.serviceCode }),
  });
}

/** A row of several requests of which some were executed must not look untouched. */
function partly(error: ExchangeSqlError, written: boolean): ExchangeSqlError {
  if (!written) return error;
  return new ExchangeSqlError(error.code, `${error.message} Earlier requests for this row were executed: it is written in part.`, {
    hint: 'Read the row to see what of it was written.',
    cause: error,
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.serviceCode === undefined ? {} : { serviceCode: error.serviceCode }),
  });
}

const stopped = (): ExchangeSqlError => new ExchangeSqlError('CANCELLED', 'The statement was cancelled while this row was written.');

const unfillable = (): ExchangeSqlError =>
  new ExchangeSqlError('BAD_RESPONSE', 'The service answered a request without the id or version that the next one needs.', { hint: 'Read the row to see what of it was written.' });
