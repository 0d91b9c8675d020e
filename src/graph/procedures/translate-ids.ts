/**
 * Owns: TranslateIds: ids of one kind as ids of another (facts 6.1).
 * Invariants: 1,000 ids a request; one row an id, in the order given; an id without a counterpart has NULL and says why.
 */
import { emit, send, type Script } from './effect.js';
import { member, textAt, type Inputs } from './inputs.js';

const MOST = 1000;

export function* translateIds(inputs: Inputs): Script {
  const ids = inputs.list('Ids') ?? inputs.missing('Ids');
  for (let at = 0; at < ids.length; at += MOST) {
    const inputIds = ids.slice(at, at + MOST);
    const answer = yield* send({
      method: 'POST',
      path: inputs.path('/translateExchangeIds'),
      body: { json: { inputIds, sourceIdType: inputs.text('SourceType'), targetIdType: inputs.text('TargetType') } },
      repeat: 'safe',
      ...(ids.length > MOST ? { repeated: `per ${String(MOST)} ids` } : {}),
    });
    const value = answer['value'];
    const found = new Map(Array.isArray(value) ? value.map((one: unknown) => [textAt(one, 'sourceId'), one]) : []);
    yield* emit(...inputIds.map((id) => {
      const one = found.get(id);
      return [id, textAt(one, 'targetId'), textAt(member(one, 'errorDetails'), 'code')];
    }));
  }
}
