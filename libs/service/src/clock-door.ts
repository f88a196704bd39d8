import { Body, Controller, HttpCode, Inject, Put, type Type } from '@nestjs/common';
import { z } from 'zod';
import { CLOCK, type SettableClock } from './clock';
import { instant } from './fields';
import { parse } from './parse';
import { Allow } from './policy';

const setting = z.strictObject({ now: instant });

/** Sets the clock forward. Mounted only where the clock is a settable one. */
export const clockDoor = (prefix: string): Type => {
  @Controller(prefix)
  class ClockDoor {
    constructor(@Inject(CLOCK) private readonly clock: SettableClock) {}

    @Put('clock')
    @HttpCode(200)
    @Allow('operations')
    async set(@Body() body: unknown): Promise<{ now: string }> {
      await this.clock.set(parse(setting, body ?? {}).now);
      return { now: this.clock.now().toISOString() };
    }
  }
  return ClockDoor;
};
