import { loadConfig, runService } from '@oppi/service';
import { goalConfig } from './goal.config';
import { startGoal } from './goal.module';

void runService(() => startGoal(loadConfig(goalConfig)));
