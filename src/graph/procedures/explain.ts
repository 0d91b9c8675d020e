/**
 * Owns: what a call would send, found by running its script with made-up answers.
 * Invariants: nothing is sent and no file is touched; placeholders are in braces.
 */
import type { PlannedCall } from '../../scan/procedure.js';
import type { PlannedRequest } from '../../scan/scan.js';
import type { Answer, BatchAnswer, Effect, Request, Script } from './effect.js';

/** A script that asks on and on (pages without end) is cut here. */
const MOST_REQUESTS = 200;

export function explainScript(script: Script): Pick<PlannedCall, 'requests' | 'mails'> {
  const requests: PlannedRequest[] = [];
  const mails: string[] = [];
  const add = (request: Request, how?: string): void => {
    const repeated = [request.repeated, how].filter((part) => part !== undefined).join(', ');
    requests.push({ method: request.method, url: request.path, columns: [], ...(request.headers === undefined ? {} : { headers: request.headers }), ...(repeated === '' ? {} : { repeated }) });
    mails.push(...(request.mails ?? []));
  };
  let next = script.next();
  while (next.done !== true && requests.length < MOST_REQUESTS) next = script.next(answerTo(next.value, add));
  script.return();
  return { requests, mails: [...new Set(mails)] };
}

const answer = (request: Request): Answer => ({ status: 200, headers: {}, body: request.sample ?? {} });

function answerTo(effect: Effect, add: (request: Request, how?: string) => void): unknown {
  switch (effect.kind) {
    case 'request':
      add(effect.request);
      return answer(effect.request);
    case 'batch':
      for (const request of effect.requests) add(request, effect.requests.length > 1 ? '20 a batch' : undefined);
      return effect.requests.map((request): BatchAnswer => ({ answer: answer(request) }));
    case 'upload':
      add(effect.open);
      add({ method: 'PUT', path: '{uploadUrl}', repeated: `per ${String(effect.pieceBytes)} bytes` });
      return answer(effect.open);
    case 'create':
      add(effect.request);
      if (effect.bytes !== undefined) add({ method: 'PUT', path: '{uploadUrl}', repeated: `per ${String(effect.pieceBytes)} bytes` });
      return '{id}';
    case 'warn':
      return undefined;
    case 'bytes':
      add(effect.request);
      return new Uint8Array();
    case 'folder':
      return /^[/]/.test(effect.name) ? `{FOLDER('${effect.name}')}` : effect.name;
    case 'readFile':
      return new Uint8Array();
    case 'writeFile':
      return `${effect.directory}/${effect.name}`;
    case 'rows':
      return undefined;
  }
}
