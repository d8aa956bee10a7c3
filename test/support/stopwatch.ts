import { readFileSync } from 'node:fs'

/**
 * Milliseconds since it was made, less those in which a process on this machine waited for a processor. A promise of
 * two seconds therefore holds on a busy machine, and is strict on an idle one.
 */
export function stopwatch(): () => number {
  const [begun, waited] = [performance.now(), stalled()]
  return () => Math.max(0, performance.now() - begun - (stalled() - waited))
}

/** Milliseconds since the boot in which a process waited for a processor, as Linux counts them; zero elsewhere. */
function stalled(): number {
  try {
    const [, microseconds] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? []
    return Number(microseconds ?? 0) / 1000
  } catch {
    return 0
  }
}
