/** The only source of "now". Tests and local runs may set it; nothing else reads the machine's time to decide. */
export interface Clock {
  now(): Date;
}
