import { PresentationCalendar } from './calendar';
import { DataSetError } from './csv';

describe('the calendar of a presentation', () => {
  it('starts on 1 October for J and on 1 February for B', () => {
    expect(new PresentationCalendar('2013J', 268).dateOf(0)).toBe('2013-10-01');
    expect(new PresentationCalendar('2014B', 241).dateOf(0)).toBe('2014-02-01');
  });

  it('counts days before the first one backwards, across a new year', () => {
    expect(new PresentationCalendar('2014B', 241).dateOf(-32)).toBe('2013-12-31');
  });

  it('starts a day at midnight in London, in summer and in winter', () => {
    const autumn = new PresentationCalendar('2013J', 268);
    expect(autumn.startOf(0)).toBe('2013-09-30T23:00:00.000Z');
    expect(autumn.startOf(26)).toBe('2013-10-26T23:00:00.000Z'); // the day the clocks go back, of 25 hours
    expect(autumn.startOf(27)).toBe('2013-10-28T00:00:00.000Z');
    expect(autumn.startOf(180)).toBe('2014-03-30T00:00:00.000Z'); // the day the clocks go forward, of 23 hours
    expect(autumn.startOf(181)).toBe('2014-03-30T23:00:00.000Z');
  });

  it('ends at 24:00 of the day that has the number of its length', () => {
    const calendar = new PresentationCalendar('2013J', 268);
    expect(calendar.dateOf(calendar.lastDay)).toBe('2014-06-26');
    expect(calendar.end).toBe('2014-06-26T23:00:00.000Z');
    expect(new PresentationCalendar('2013J', 26).end).toBe('2013-10-28T00:00:00.000Z');
  });

  it.each(['2013', '2013A', 'J2013', '12013J', '2013JJ', ''])('refuses "%s"', (name) => {
    expect(() => new PresentationCalendar(name, 10)).toThrow(DataSetError);
  });
});
