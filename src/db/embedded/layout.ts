import { join } from 'node:path'

export type Files = ReturnType<typeof layout>

/** Names the files in the data folder. */
export function layout(folder: string) {
  const cluster = join(folder, 'postgres')
  return {
    folder,
    /** Locked by the Muster that runs here. `holder` contains its pid. */
    lock: join(folder, 'muster.lock'),
    holder: join(folder, 'muster.pid'),
    log: join(folder, 'postgres.log'),
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    postmaster: join(cluster, 'data', 'postmaster.pid'),
    /** Prefix of a cluster in the making; a random ending follows. It is renamed in one step when it is complete. */
    unfinished: join(folder, 'postgres.new-'),
    trial: join(folder, 'postgres.trial'),
  }
}
