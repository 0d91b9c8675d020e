/**
 * Owns: AssignLicense and FetchAdditionalUserFields.
 */
import type { Catalog } from '../../catalog/catalog.js';
import { emit, send, type Script } from './effect.js';
import { fillPath, member, textAt, type Inputs } from './inputs.js';
import { columnValue } from './values.js';

export function* assignLicense(inputs: Inputs): Script {
  const id = inputs.need('UserId');
  const add = inputs.list('AddLicenses') ?? [];
  const remove = inputs.list('RemoveLicenses') ?? [];
  const disabledPlans = inputs.list('DisabledPlans') ?? [];
  if (add.length === 0 && remove.length === 0) inputs.missing('AddLicenses or RemoveLicenses');
  if (disabledPlans.length > 0 && add.length !== 1) inputs.refuse('DisabledPlans', 'needs exactly one license in AddLicenses');
  for (const name of ['AddLicenses', 'RemoveLicenses', 'DisabledPlans']) {
    const bad = inputs.list(name)?.find((one) => !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(one));
    if (bad !== undefined) inputs.refuse(name, `holds '${bad.slice(0, 60)}', which is no GUID`, 'SELECT skuId FROM a list of the tenant’s licenses; names are not taken.');
  }
  yield* send({
    method: 'POST',
    path: fillPath('/users/{id}/assignLicense', { id }),
    mailbox: null,
    body: { json: { addLicenses: add.map((skuId) => ({ skuId, disabledPlans })), removeLicenses: remove } },
    // Licenses are a set: giving one again changes nothing.
    repeat: 'safe',
  });
  // The answer has the usual properties of a user only.
  const user = yield* send({ method: 'GET', path: `${fillPath('/users/{id}', { id })}?$select=id,assignedLicenses`, mailbox: null });
  yield* emit([textAt(user, 'id'), columnValue(member(user, 'assignedLicenses'), 'json'), 'Success']);
}

/** The columns of Users that only a request for the single user gives, in the order of the procedure's outputs. */
export function* fetchAdditionalUserFields(inputs: Inputs, catalog: Catalog): Script {
  const id = inputs.need('UserId');
  const outputs = catalog.procedure(inputs.procedure)?.outputs ?? [];
  const user = yield* send({ method: 'GET', path: `${fillPath('/users/{id}', { id })}?$select=${outputs.map(({ name }) => name).join(',')}`, mailbox: null });
  yield* emit(outputs.map(({ name, type }) => columnValue(member(user, name), type)));
}
