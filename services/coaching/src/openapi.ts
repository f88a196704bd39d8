import { openApiDocument } from '@oppi/service';
import { coachingOperations } from './coaching.operations';

/** Prints the OpenAPI document, which is committed beside the service and compared in the checks. */
process.stdout.write(JSON.stringify(openApiDocument('coaching', coachingOperations)));
