/**
 * `npm run docs`: writes the pages of this folder that are made from declarations. Needs a build.
 */
import { writeFileSync } from 'node:fs';
import { loadCatalog } from '../dist/catalog/load.js';
import { renderPermissionReference } from '../dist/catalog/permission-reference.js';
import { renderProcedureReference } from '../dist/catalog/procedure-reference.js';
import { renderReference } from '../dist/catalog/reference.js';
import { renderConnectionReference } from '../dist/driver/connection-reference.js';

const pages = {
  'tables.md': renderReference(loadCatalog('msgraph')),
  'procedures.md': renderProcedureReference(loadCatalog('msgraph')),
  'permissions.md': renderPermissionReference(loadCatalog('msgraph')),
  'connection-properties.md': renderConnectionReference(),
};
for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(name, import.meta.url), text);
