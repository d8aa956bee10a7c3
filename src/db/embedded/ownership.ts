import { lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Account {
  uid: number
  gid: number
}

/** Gives a folder and all in it to an account. The folder comes last: an interrupted change is done again. */
export function give(folder: string, owner: Account | undefined): void {
  if (!owner || lstatSync(folder).uid === owner.uid) return
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(folder, entry), owner.uid, owner.gid)
  lchownSync(folder, owner.uid, owner.gid)
}
