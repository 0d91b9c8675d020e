/**
 * Owns: an EntityPlan as PlannedRequests for EXPLAIN: decoded, with placeholders.
 * Invariants: the options are the ones that are sent (list-query.ts).
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { PlannedRequest } from '../scan/scan.js';
import type { PageSize } from '../scan/value.js';
import { BATCH_SIZE } from './batch.js';
import type { EntityPlan, ListPlan } from './entity-plan.js';
import { countingTerms, isAdvanced, listOptions } from './list-query.js';
import type { QueryOption } from './literal.js';
import { headersOf, prefixOf } from './wire.js';
import type { BodyType, IdType } from './wire.js';

export interface Describing {
  readonly columns: readonly string[];
  readonly idType: IdType;
  readonly bodyType?: BodyType;
  /** One request that only counts. */
  readonly counting: boolean;
}

export function describe(plan: EntityPlan, describing: Describing): PlannedRequest[] {
  if (plan.kind === 'empty') return [];
  const { columns, idType, bodyType } = describing;
  const { declaration } = plan;
  const boxes = plan.mailboxes.names;
  const root = boxes.length === 1 ? decode(prefixOf(declaration, boxes[0])) : '/users/{mailbox}';
  const perMailbox = boxes.length > 1 ? [`${boxes.length} mailboxes`] : [];
  const headers = headersOf(declaration, idType, false, bodyType);
  const common = { ...(Object.keys(headers).length > 0 ? { headers } : {}), columns };
  const paged = (pageSize: PageSize | undefined): Pick<PlannedRequest, 'pageSize'> => (pageSize === undefined ? {} : { pageSize });
  const repeated = (...parts: readonly string[]): Pick<PlannedRequest, 'repeated'> => {
    const all = [...parts, ...perMailbox];
    return all.length === 0 ? {} : { repeated: all.join(', ') };
  };
  const item = [...selectOf(plan.select), ...(plan.expand.length > 0 ? [{ name: '$expand', value: plan.expand.join(',') }] : [])];
  const requests: PlannedRequest[] = [];
  switch (plan.kind) {
    case 'list': {
      const { arranged } = plan;
      const advanced = isAdvanced(plan, arranged);
      const several = plan.places.length > 1;
      const path = several ? `${plan.places[0]?.path.split('/').slice(0, 2).join('/') ?? ''}/{place}${tailOf(plan)}` : decode(plan.places[0]?.path ?? '');
      const options = describing.counting
        ? listOptions({ ...plan, select: ['id'], arranged: countingTerms(arranged), top: 1, count: true })
        : listOptions({ ...plan, arranged, top: plan.pageSize, count: advanced || (plan.stability === 'count' && plan.limit === undefined) });
      const allHeaders = headersOf(declaration, idType, advanced, bodyType);
      requests.push({
        method: 'GET',
        url: `${root}${path}${shown(options)}`,
        ...(Object.keys(allHeaders).length > 0 ? { headers: allHeaders } : {}),
        columns,
        ...(describing.counting ? { calls: boxes.length * plan.places.length } : paged(plan.pageSize)),
        ...(!describing.counting && plan.limit !== undefined && plan.pageSize !== undefined && plan.limit <= plan.pageSize ? { calls: 1 } : {}),
        ...repeated(...(several ? [`${plan.places.length} places`] : []), ...(plan.subfolders ? ['per folder below'] : []), ...(plan.stability === 'keyset' && plan.limit === undefined && !describing.counting ? ['continued by receivedDateTime'] : [])),
      });
      if (plan.search !== undefined && idType === 'Immutable') requests.push({ method: 'POST', url: `${root}/translateExchangeIds`, columns: ['id'], repeated: 'per page of hits' });
      break;
    }
    case 'keys': {
      const count = plan.keys.length * boxes.length;
      if (count === 1) requests.push({ method: 'GET', url: `${root}${plan.item.replace('{id}', plan.keys[0] ?? '')}${shown(item)}`, ...common, calls: 1 });
      else requests.push({ method: 'POST', url: `/$batch GET ${root}${plan.item}${shown(item)}`, ...common, calls: Math.ceil(count / BATCH_SIZE), repeated: `${count} keys, ${BATCH_SIZE} a batch` });
      break;
    }
    case 'tree':
      requests.push({ method: 'GET', url: `${root}${plan.path}${shown([...plan.options, ...item])}`, ...common, ...paged(plan.pageSize), ...repeated() });
      requests.push({ method: 'POST', url: `/$batch GET ${root}${plan.children}${shown([...plan.options, ...item])}`, ...common, ...repeated(plan.childCount === undefined ? 'per folder' : 'per folder with children', `${BATCH_SIZE} a batch`) });
      break;
    case 'singleton':
      requests.push({ method: 'GET', url: `${root}${plan.path}${shown(item)}`, ...common, calls: boxes.length, ...repeated() });
      break;
    case 'children': {
      const options = shown([...plan.options, ...item]);
      const { parents } = plan;
      if (parents.kind !== 'given') {
        requests.push(...describe(parents, { ...describing, columns: [], counting: false }));
        requests.push({ method: 'POST', url: `/$batch GET ${root}${plan.path}${options}`, ...common, ...repeated(`per ${singular(parents.declaration)}`, `${BATCH_SIZE} a batch`) });
        break;
      }
      const count = parents.keys.length * boxes.length * (plan.keys?.length ?? 1);
      const template = plan.keys === undefined ? plan.path : (plan.item ?? plan.path);
      if (count === 1) {
        const path = template.replace('{parent}', parents.keys[0] ?? '').replace('{grandparent}', parents.grandparents[0] ?? '').replace('{id}', plan.keys?.[0] ?? '');
        requests.push({ method: 'GET', url: `${root}${path}${options}`, ...common, ...paged(plan.keys === undefined ? plan.pageSize : undefined) });
      } else {
        requests.push({ method: 'POST', url: `/$batch GET ${root}${template}${options}`, ...common, calls: Math.ceil(count / BATCH_SIZE), repeated: `${count} keys, ${BATCH_SIZE} a batch` });
      }
      break;
    }
  }
  if (plan.singles.length > 0) requests.push({ method: 'POST', url: `/$batch GET ${root}${itemPath(declaration)}?$select=id,${plan.singles.join(',')}`, columns, repeated: `per row, ${BATCH_SIZE} a batch` });
  if (plan.wellKnown) requests.push({ method: 'POST', url: `/$batch GET ${root}/mailFolders/{well-known name}?$select=id`, columns: ['wellKnownName'], calls: 1, ...repeated() });
  if (plan.defaultCalendar && plan.kind === 'keys') {
    const count = plan.keys.length * boxes.length;
    const url = `${root}${plan.item}/calendar?$select=id`;
    if (count === 1) requests.push({ method: 'GET', url: url.replace('{id}', plan.keys[0] ?? ''), columns: ['calendarId'], calls: 1 });
    else requests.push({ method: 'POST', url: `/$batch GET ${url}`, columns: ['calendarId'], calls: Math.ceil(count / BATCH_SIZE), repeated: `per row, ${BATCH_SIZE} a batch` });
  } else if (plan.defaultCalendar) requests.push({ method: 'GET', url: `${root}/calendar?$select=id`, columns: ['calendarId'], calls: boxes.length, ...repeated() });
  return requests;
}

function itemPath({ shape }: TableDeclaration): string {
  return 'item' in shape && shape.item !== undefined ? shape.item : '';
}

function tailOf(plan: ListPlan): string {
  const parts = plan.places[0]?.path.split('/') ?? [];
  return parts.length > 3 ? `/${parts.slice(3).join('/')}` : '';
}

function singular({ name }: TableDeclaration): string {
  return name.replace(/s$/, '').toLowerCase();
}

function selectOf(select: readonly string[]): QueryOption[] {
  return select.length > 0 ? [{ name: '$select', value: select.join(',') }] : [];
}

function shown(options: readonly QueryOption[]): string {
  return options.length === 0 ? '' : `?${options.map(({ name, value }) => `${name}=${value}`).join('&')}`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
