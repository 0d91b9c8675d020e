/**
 * Owns: the stored procedures of Microsoft Graph: from a call to the script that does it.
 * Does not own: what each does (the files beside, or its declaration alone), SQL, files' safety (driver/files.ts).
 * Invariants: a procedure has a script here or a request in its declaration, never both; planning sends nothing.
 */
import type { Catalog } from '../../catalog/catalog.js';
import type { ProcedureDeclaration } from '../../catalog/procedure.js';
import { ExchangeSqlError } from '../../errors.js';
import type { CallContext, PlannedCall, ProcedureCall, Procedures } from '../../scan/procedure.js';
import type { Source } from '../../scan/source.js';
import type { GraphClient } from '../client.js';
import type { IdType } from '../wire.js';
import type { Row, Script } from './effect.js';
import { explainScript } from './explain.js';
import { Inputs } from './inputs.js';
import { runScript } from './run.js';
import { SCRIPTS } from './scripts.js';
import { runDeclared } from './template.js';

export interface GraphProceduresSettings {
  readonly client: GraphClient;
  readonly catalog: Catalog;
  /** Finds folders by path and well-known name. */
  readonly source: Pick<Source, 'resolveFolder'>;
  readonly options: { readonly userId?: string | undefined; readonly idType?: IdType };
}

/**
 * The stored procedures of one connection.
 *
 * @example
 * const procedures = createGraphProcedures({ client, catalog, source, options: {} });
 * procedures.plan({ procedure: 'SendItem', inputs: new Map([['Id', 'AAMk…']]) }).requests[0]?.url; // '/me/messages/AAMk…/send'
 */
export function createGraphProcedures(settings: GraphProceduresSettings): Procedures {
  return new GraphProcedures(settings);
}

class GraphProcedures implements Procedures {
  readonly #settings: GraphProceduresSettings;
  readonly #mailbox: string | undefined;

  constructor(settings: GraphProceduresSettings) {
    this.#settings = settings;
    this.#mailbox = settings.options.userId === '' ? undefined : settings.options.userId;
  }

  plan(call: ProcedureCall): PlannedCall {
    const { script } = this.#begin(call);
    return { call, ...explainScript(script) };
  }

  call(call: ProcedureCall, context: CallContext): AsyncGenerator<readonly Row[], void, void> {
    const { script, declaration, inputs } = this.#begin(call);
    const { client, source, options } = this.#settings;
    const { permissions } = declaration;
    return runScript(script, {
      client,
      context,
      procedure: declaration.name,
      mailbox: inputs.mailbox,
      scope: declaration.scope,
      idType: options.idType ?? 'Immutable',
      permission: permissions === undefined ? undefined : permissions.application === undefined || permissions.application === permissions.delegated ? permissions.delegated : `${permissions.delegated} (delegated) or ${permissions.application} (application)`,
      resolveFolder: (kind, name, mailbox) => source.resolveFolder(kind, name, mailbox, context),
    });
  }

  #begin(call: ProcedureCall): { readonly script: Script; readonly declaration: ProcedureDeclaration; readonly inputs: Inputs } {
    const declaration = this.#settings.catalog.procedure(call.procedure);
    if (declaration === undefined) throw new ExchangeSqlError('UNKNOWN_FUNCTION', `there is no procedure ${call.procedure}`);
    const inputs = new Inputs(call, this.#mailbox);
    const own = declaration.request === undefined ? SCRIPTS[declaration.name] : undefined;
    if (declaration.request === undefined && own === undefined) throw new ExchangeSqlError('NOT_SUPPORTED', `the procedure ${declaration.name} has neither a request nor code`);
    return { script: own === undefined ? runDeclared(declaration, inputs) : own(inputs, this.#settings.catalog), declaration, inputs };
  }
}
