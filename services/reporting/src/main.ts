import { loadConfig, runService } from '@oppi/service';
import { reportingConfig } from './reporting.config';
import { startReporting } from './reporting.module';

void runService(() => startReporting(loadConfig(reportingConfig)));
