import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCUMENT = join(import.meta.dirname, '../../../docs/performance.md')

const BEGINNING = `# Performance

Measured by \`npm run bench\` and its sisters, each of which writes its own part of this page with \`--write\`. Milliseconds
and requests a second are of one machine and one moment; the ratios, of who took turns in one run, say more.
`

/** Replaces the text under its heading in `docs/performance.md`. */
export function writePart(heading: string, text: string): void {
  const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : BEGINNING
  const parts = before.split(/^(?=## )/m).filter((part) => !part.startsWith(`## ${heading}\n`))
  writeFileSync(
    DOCUMENT,
    `${[...parts, `## ${heading}\n\n${text}\n`].map((part) => part.trimEnd()).join('\n\n')}\n`,
  )
}
