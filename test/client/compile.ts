import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const ROOT = join(import.meta.dirname, '../..')

export interface CompileError {
  readonly line: number
  readonly code: string
  readonly says: string
}

/** What `tsc` says of the file, which nothing else imports, with all that this repository is strict about, and more. */
export async function compile(folder: string, file: string, compilerOptions = {}): Promise<CompileError[]> {
  const config = { extends: join(ROOT, 'tsconfig.json'), include: [file], compilerOptions }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  // Without what tap has Node load in every child.
  const tsc = spawn('env', ['-u', 'NODE_OPTIONS', 'tsc', '-p', folder, '--pretty', 'false'])
  const [output] = await Promise.all([text(tsc.stdout), once(tsc, 'close')])
  const errors = [...output.matchAll(/(\w+\.ts)\((\d+),\d+\): error (TS\d+): (.*)/g)]
  if (tsc.exitCode !== 0 && !errors.some(([, at]) => at === file)) throw new Error(`tsc failed: ${output}`)
  return errors.map(([, , line, code = '', says = '']) => ({ line: Number(line), code, says }))
}

/** Code that is written for a reader's folder, for one elsewhere: the client is the one of this repository. */
export function withClient(source: string): string {
  return source.replaceAll(/'[./]*(openapi\/)?client\.ts'/g, `'${join(ROOT, 'openapi/client.ts')}'`)
}
