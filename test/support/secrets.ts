import type { Client } from 'pg'

/** Dumps every row of every table as text, with bytes decoded as well. */
export async function dumpOf(database: Client): Promise<string> {
  const { rows: all } = await database.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const texts: string[] = []
  for (const { name } of all) {
    const { rows } = await database.query(`select row_to_json(row)::text as text from ${name} row`)
    for (const { text } of rows) texts.push(text, asBytes(text))
  }
  return texts.join('\n')
}

function asBytes(text: string): string {
  return [...text.matchAll(/\\\\x([0-9a-f]+)/g)]
    .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
    .join('\n')
}

/** Spells a code in the ways in which people could write it down. */
export function spellings(code: string): string[] {
  const plain = code.replaceAll('-', '')
  return [
    code,
    plain,
    code.toLowerCase(),
    code.replaceAll('-', ' '),
    code.replaceAll('-', '%20'),
    plain.replaceAll('1', 'l').replaceAll('0', 'O'),
    plain.match(/.{6}/g)?.join('-') ?? '',
    [...plain].join(' '),
  ]
}

/** Says whether the text shows at least half of the code, or all of it in hexadecimal or base64. */
export function holds(text: string, code: string): boolean {
  const plain = code.replaceAll('-', '')
  const read = text
    .toUpperCase()
    .replace(/%20|%2D|[\s+_-]/g, '')
    .replace(/[IL]/g, '1')
    .replaceAll('O', '0')
  if (read.includes(plain.slice(0, 12)) || read.includes(plain.slice(12))) return true
  return [code, plain].some((one) =>
    (['hex', 'base64', 'base64url'] as const).some((encoding) =>
      text.includes(Buffer.from(one).toString(encoding).slice(0, 30)),
    ),
  )
}
