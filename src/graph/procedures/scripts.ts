/**
 * Owns: the list of procedures that are code, by declared name.
 * Invariants: every name is declared in schema/msgraph/procedures without a request (a test compares).
 */
import type { Catalog } from '../../catalog/catalog.js';
import { downloadEmail } from './download-email.js';
import type { Script } from './effect.js';
import type { Inputs } from './inputs.js';
import { translateIds } from './translate-ids.js';

export const SCRIPTS: Readonly<Record<string, (inputs: Inputs, catalog: Catalog) => Script>> = {
  DownloadEmail: downloadEmail,
  TranslateIds: translateIds,
};
