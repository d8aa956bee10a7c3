import { readFileSync } from 'node:fs'

/**
 * Milliseconds since it was made, less those in which somebody on this machine had to wait for a processor: so that
 * a promise of two seconds holds on a machine that is busy with other things, and is strict on one that is not.
 */
export function stopwatch(): () => number {
  const [begun, waited] = [performance.now(), stalled()]
  return () => Math.max(0, performance.now() - begun - (stalled() - waited))
}

/** Milliseconds since the machine was started, as Linux counts them; elsewhere none. */
function stalled(): number {
  try {
    const [, microseconds] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? []
    return Number(microseconds ?? 0) / 1000
  } catch {
    return 0
  }
}
