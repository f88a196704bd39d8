import { loadConfig, runService } from '@oppi/service';
import { coachingConfig } from './coaching.config';
import { startCoaching } from './coaching.module';

void runService(() => startCoaching(loadConfig(coachingConfig)));
