import { type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { Clock } from '@oppi/event-sourcing';
import { AccessTokens } from './access-token';
import { AuthGuard } from './auth-guard';
import { CLOCK } from './clock';
import { Dispatcher, DISPATCHING, type Dispatching } from './dispatcher';
import { ErrorFilter } from './error-filter';
import { LOG, type Log } from './log';
import { Metrics } from './metrics';
import { RateLimit } from './rate-limit';
import { Readiness } from './readiness';

export type Platform = Readonly<{
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tokens: AccessTokens;
  rates: RateLimit;
  readiness: Readiness;
  dispatching: Dispatching;
  doors: Type[];
  /** The service's own module. */
  service: DynamicModule | Type;
}>;

/** What every service is made of, around its own module, which may inject CLOCK, LOG, Metrics and Dispatcher. */
export class PlatformModule {
  static around(platform: Platform): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      imports: [CqrsModule.forRoot(), platform.service],
      controllers: platform.doors,
      providers: [
        { provide: CLOCK, useValue: platform.clock },
        { provide: LOG, useValue: platform.log },
        { provide: Metrics, useValue: platform.metrics },
        { provide: AccessTokens, useValue: platform.tokens },
        { provide: RateLimit, useValue: platform.rates },
        { provide: Readiness, useValue: platform.readiness },
        { provide: DISPATCHING, useValue: platform.dispatching },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useClass: ErrorFilter },
        Dispatcher,
      ],
      exports: [CLOCK, LOG, Metrics, Dispatcher, AccessTokens],
    };
  }
}
