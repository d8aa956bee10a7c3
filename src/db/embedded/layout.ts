import { join } from 'node:path'

export type Files = ReturnType<typeof layout>

/** What lies where in the data folder. */
export function layout(folder: string) {
  const cluster = join(folder, 'postgres')
  return {
    folder,
    /** Locked by the Muster that runs here; `holder` has its pid. */
    lock: join(folder, 'muster.lock'),
    holder: join(folder, 'muster.pid'),
    log: join(folder, 'postgres.log'),
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    postmaster: join(cluster, 'data', 'postmaster.pid'),
    /** A cluster in the making, with a random ending: it gets its name in one step, when it is whole. */
    unfinished: join(folder, 'postgres.new-'),
    trial: join(folder, 'postgres.trial'),
  }
}
