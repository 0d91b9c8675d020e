/**
 * Owns: which requests change something.
 * Does not own: routes.
 * Invariants: POST is a write unless it is one of the actions that only compute an answer.
 */
const READING_POSTS = new Set(['translateexchangeids', 'getschedule', 'findmeetingtimes', 'getmailtips', 'query', 'getmembergroups', 'getmemberobjects', 'checkmembergroups', 'checkmemberobjects', 'getbyids', 'validateproperties']);

export function isWrite(method: string, segments: readonly string[]): boolean {
  if (method === 'PATCH' || method === 'PUT' || method === 'DELETE') return true;
  return method === 'POST' && !READING_POSTS.has((segments.at(-1) ?? '').toLowerCase().replace(/^microsoft\.graph\./, ''));
}
