import { Controller, Get, Header, HttpCode, Inject, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LOG, type Log } from './log';
import { Metrics } from './metrics';
import { Public } from './policy';
import { Readiness } from './readiness';

/** Liveness, readiness, figures and the API's description. */
export const statusDoor = (name: string, openApi: () => object): Type => {
  @Public()
  @Controller()
  class StatusDoor {
    constructor(
      @Inject(Readiness) private readonly readiness: Readiness,
      @Inject(Metrics) private readonly metrics: Metrics,
      @Inject(LOG) private readonly log: Log,
    ) {}

    /** Yes as long as the process turns; a dependency that is down is no reason to kill it. */
    @Get('livez')
    live(): object {
      return { status: 'live' };
    }

    /** Whether to send requests here. */
    @Get('readyz')
    async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
      const missing = await this.readiness.missing();
      if (missing.length === 0) return { status: 'ready' };
      this.log.warn({ check: missing.join(' ') }, 'not ready');
      void reply.status(503);
      return { status: 'not ready', missing };
    }

    @Get('metrics')
    @HttpCode(200)
    @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    figures(): Promise<string> {
      return this.metrics.text();
    }

    @Get(`${name}/openapi.json`)
    openApi(): object {
      return openApi();
    }
  }
  return StatusDoor;
};
