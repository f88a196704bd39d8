import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Something for a developer's machine alone was asked for elsewhere; `EX_CONFIG` ends the process. */
class NotHere extends Error {
  readonly exitCode = 78;
}

/** Throws unless `APP_ENV` is `local`: what runs here gives tokens to whoever asks. */
export const requireLocal = (appEnv: string | undefined): void => {
  if (appEnv !== 'local') throw new NotHere('The local issuer starts only with APP_ENV=local.');
};

/** Throws unless an address is loopback. A name is none, whatever it means today. */
export const requireLoopback = (address: string): void => {
  const version = isIP(address);
  if (version === 0 || !loopback.check(address, version === 4 ? 'ipv4' : 'ipv6'))
    throw new NotHere('The local issuer listens on a loopback address only, such as 127.0.0.1.');
};
