import { loadConfig, runService } from '@oppi/service';
import { timeAllocationConfig } from './time-allocation.config';
import { startTimeAllocation } from './time-allocation.module';

void runService(() => startTimeAllocation(loadConfig(timeAllocationConfig)));
