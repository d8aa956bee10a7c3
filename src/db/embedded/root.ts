import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Files } from './layout.ts'
import type { Account } from './ownership.ts'

/** How PostgreSQL's programs are run: they refuse to be root. */
export interface Way {
  name: string
  prefix: string[]
  account?: Account
  /** Whose the files must be for it; without one they are left as they are. */
  owner?: Account
}

/**
 * The ways in which root can run what refuses to be root. A cluster made by an ordinary user, or for nobody, is better
 * left to its owner, who may want to start it again; a new one, or root's own, is better kept by root.
 */
export function waysForRoot(files: Files): Way[] {
  const keeper = keeperOf(files.cluster)
  const account = keeper ?? nobody()
  return keeper
    ? [oneRight(account), plain(account), namespace(account)]
    : [namespace(account), oneRight(account), plain(account)]
}

/** In a user namespace root has another number and no rights, but still owns root's files. Containers mostly forbid it. */
function namespace({ uid, gid }: Account): Way {
  return {
    name: 'unshare',
    prefix: ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'],
    owner: { uid: 0, gid: 0 },
  }
}

/**
 * Another account with one right of root's: to pass the folders closed to it, such as root's home. access(2), by
 * which PostgreSQL looks for itself, knows of that right only without the setuid fixup: see capabilities(7).
 */
function oneRight(account: Account): Way {
  const become = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup']
  return { name: 'setpriv', prefix: ['setpriv', ...become, ...keep, '--'], owner: account }
}

/** Another account as it is: it does where all the folders above are open to it. */
function plain(account: Account): Way {
  return { name: `uid ${account.uid}`, prefix: [], account, owner: account }
}

function keeperOf(cluster: string): Account | undefined {
  if (!existsSync(cluster)) return undefined
  const { uid, gid } = statSync(cluster)
  return uid === 0 ? undefined : { uid, gid }
}

/** initdb wants an account with a name. On some systems `nobody` is missing, or negative. */
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
