import { openApiDocument } from '@oppi/service';
import { reportingOperations } from './reporting.operations';

/** Prints the OpenAPI document, which is committed beside the service and compared in the checks. */
process.stdout.write(JSON.stringify(openApiDocument('reporting', reportingOperations)));
