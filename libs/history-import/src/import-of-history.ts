import type { Provider, Type } from '@nestjs/common';
import type { Database } from '@oppi/database';
import type { Role } from '@oppi/service';
import { getImport, type GetImportType } from './get-import.query';
import { HistoryImport, ImportLimits } from './history-import';
import { importController } from './import.grpc.controller';
import { type Importable, ImportItems } from './import-items';
import { ImportProgress } from './import-progress';

/** What a service needs to take history in: an operation and its handler, a controller, and what they are made of. */
export type HistoryDoor = Readonly<{
  GetImport: GetImportType;
  handlers: readonly Type[];
  controllers: readonly Type[];
  providers: (parts: { database: Database; limits: ImportLimits }) => Provider[];
}>;

/** The bulk import of a service: the stream `Import` and the operation `GetImport`, for the roles that bring history. */
export const importOfHistory = (what: Importable & Readonly<{ allow: readonly Role[] }>): HistoryDoor => {
  const { GetImport, handler } = getImport(what.allow);
  return {
    GetImport,
    handlers: [handler],
    controllers: [importController(what.grpcService, what.allow)],
    providers: ({ database, limits }) => [
      { provide: ImportLimits, useValue: limits },
      { provide: ImportItems, useValue: new ImportItems(what) },
      { provide: ImportProgress, useValue: new ImportProgress(database) },
      HistoryImport,
    ],
  };
};
