import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Files } from './layout.ts'
import type { Account } from './ownership.ts'

/** A way to run PostgreSQL's programs, which refuse to run as root. */
export interface Way {
  name: string
  prefix: string[]
  account?: Account
  /** Account that must own the files. Without one the files keep their owner. */
  owner?: Account
}

/**
 * Lists the ways in which root can run programs that refuse root, best first. A cluster made by an ordinary user, or
 * for `nobody`, preferably stays with its owner, who may want to start it again. A new one, or root's own, preferably
 * stays with root.
 */
export function waysForRoot(files: Files): Way[] {
  const keeper = keeperOf(files.cluster)
  const account = keeper ?? nobody()
  return keeper
    ? [oneRight(account), plain(account), namespace(account)]
    : [namespace(account), oneRight(account), plain(account)]
}

/**
 * Uses a user namespace, where root has another number and no rights, but owns root's files. Containers mostly forbid
 * it.
 */
function namespace({ uid, gid }: Account): Way {
  return {
    name: 'unshare',
    prefix: ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'],
    owner: { uid: 0, gid: 0 },
  }
}

/**
 * Uses another account with one of root's rights: to pass folders closed to it, such as root's home. PostgreSQL looks
 * for itself with access(2), which honours that right only without the setuid fixup: see capabilities(7).
 */
function oneRight(account: Account): Way {
  const become = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup']
  return { name: 'setpriv', prefix: ['setpriv', ...become, ...keep, '--'], owner: account }
}

/** Uses another account as it is. Works when all the folders above are open to it. */
function plain(account: Account): Way {
  return { name: `uid ${account.uid}`, prefix: [], account, owner: account }
}

function keeperOf(cluster: string): Account | undefined {
  if (!existsSync(cluster)) return undefined
  const { uid, gid } = statSync(cluster)
  return uid === 0 ? undefined : { uid, gid }
}

/**
 * Finds an account, if possible one with a name, which initdb requires. On some systems `nobody` is missing, or
 * negative.
 */
function nobody(): Account {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseAccount)
  const named = (wanted: string) => accounts.find(({ name, uid }) => name === wanted && uid > 0)
  return named('nobody') ?? named('daemon') ?? { uid: 65534, gid: 65534 }
}

/** passwd(5): name, password, uid, gid, … */
function parseAccount(line: string) {
  const [name, , uid, gid] = line.split(':')
  return { name, uid: Number(uid), gid: Number(gid) }
}
