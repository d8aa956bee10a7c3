import { readdirSync, readFileSync } from 'node:fs'

// Reads Linux's /proc; elsewhere there are no figures.

const TICKS_A_SECOND = 100

/** Seconds of CPU that a process has taken, user and system; NaN where they cannot be had. */
export function cpuOf(pid: number): number {
  const { user, system } = statOf(pid)
  return (user + system) / TICKS_A_SECOND
}

/** The same for a process and all its children, ended ones included: PostgreSQL. */
export function cpuOfFamily(pid: number): number {
  const { endedUser, endedSystem } = statOf(pid)
  const ended = (endedUser + endedSystem) / TICKS_A_SECOND
  const children = processes().filter((child) => statOf(child).parent === pid)
  return [pid, ...children].reduce((sum, one) => sum + (cpuOf(one) || 0), ended)
}

/** Finds the PostgreSQL whose data is in the folder, by its id out here: inside a container it can differ. NaN: none. */
export function postmasterOf(folder: string): number {
  return (
    processes().find((pid) => isPostmaster(read(`/proc/${pid}/cmdline`).split('\0'), folder)) ?? Number.NaN
  )
}

function isPostmaster([program, ...args]: string[], folder: string): boolean {
  return /(^|\/)postgres$/.test(program ?? '') && args.includes(folder)
}

/** Resident mebibytes, now and at most. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = read(`/proc/${pid}/status`)
  const field = (name: string) => {
    const [, kibibytes] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status) ?? []
    return Number(kibibytes) / 1024
  }
  return { now: field('VmRSS'), most: field('VmHWM') }
}

/** Parses proc_pid_stat(5). The program's name comes second, and can contain blanks and brackets. */
function statOf(pid: number) {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  const field = (number: number) => fields[number - 3] ?? Number.NaN
  return {
    parent: field(4),
    user: field(14),
    system: field(15),
    endedUser: field(16),
    endedSystem: field(17),
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Boolean)
  } catch {
    return []
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
