import { openApiDocument } from '@oppi/service';
import { goalOperations } from './goal.operations';

/** Prints the OpenAPI document, which is committed beside the service and compared in the checks. */
process.stdout.write(JSON.stringify(openApiDocument('goal', goalOperations)));
