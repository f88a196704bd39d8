import { openApiDocument } from '@oppi/service';
import { timeAllocationOperations } from './time-allocation.operations';

/** Prints the OpenAPI document, which is committed beside the service and compared in the checks. */
process.stdout.write(JSON.stringify(openApiDocument('time-allocation', timeAllocationOperations)));
