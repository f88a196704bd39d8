import { readFileSync, statSync } from 'node:fs';

/** Ids to run the server with. */
export type Account = Readonly<{ uid: number; gid: number }>;

const named = (name: string): Account | undefined => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid && Number(uid) > 0 ? { uid: Number(uid), gid: Number(gid) } : undefined;
};

/**
 * The account the server must run as, or undefined when this process may run it itself. PostgreSQL refuses root, so root
 * hands over to the owner of data that exist already, else to `postgres`, else to `nobody`.
 */
export const serverAccount = (dataFolder: string): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = named('postgres') ?? named('nobody');
  if (!account) throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody".');
  return account;
};
