import { createHash } from 'node:crypto'
import t from 'tap'
import { acceptUrl, hashCode, newCode } from '../../src/domain/invitations/code.ts'

const CODE = '7K31-Q0ZV-8RTN-4XWD-H5PA-9CJE'
const HASH = createHash('sha256').update('7K31Q0ZV8RTN4XWDH5PA9CJE').digest()

t.test('a code is six groups of four characters, none of which looks like another', (t) => {
  for (let round = 0; round < 200; round++)
    t.match(newCode().code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$/)
  t.end()
})

t.test('codes are random over the whole alphabet, and none comes twice', (t) => {
  const codes = Array.from({ length: 3000 }, () => newCode().code)
  t.equal(new Set(codes).size, codes.length)

  const counts = new Map<string, number>()
  for (const character of codes.join('').replaceAll('-', ''))
    counts.set(character, (counts.get(character) ?? 0) + 1)
  t.equal(counts.size, 32)
  // 72,000 characters, 2,250 of each on average, with a standard deviation of 47: seven of them are 330.
  for (const [character, count] of counts)
    t.ok(Math.abs(count - 2250) < 330, `${character} came ${count} times`)
  t.end()
})

t.test('what is stored is the SHA-256 of the 24 characters', (t) => {
  t.same(hashCode(CODE), HASH)
  t.end()
})

t.test('a code is read however a person types it', (t) => {
  for (const typed of [
    CODE.toLowerCase(),
    CODE.replaceAll('-', ''),
    CODE.replaceAll('-', ' '),
    ` ${CODE}\n`,
    CODE.replaceAll('-', ' - '),
    '7k-31q0z v8rtn4xw dh5pa-9cje',
    CODE.replace('1', 'I'),
    CODE.replace('1', 'l'),
    CODE.replace('0', 'O'),
    CODE.replace('1', 'i').replace('0', 'o').toLowerCase(),
  ])
    t.same(hashCode(typed), HASH, JSON.stringify(typed))
  t.end()
})

t.test('whatever cannot be a code is none', (t) => {
  for (const typed of [
    '',
    '-',
    CODE.slice(1),
    `${CODE}0`,
    `${CODE}-${CODE}`,
    CODE.replace('7', 'U'),
    CODE.replace('7', '!'),
    CODE.replace('-', '_'),
    CODE.replace('7', '７'),
    CODE.replace('7', '\0'),
    '01980f3a-8f10-7c11-8a55-1f2e3d4c5b6a',
  ])
    t.equal(hashCode(typed), null, JSON.stringify(typed))
  t.end()
})

t.test('one other character makes another code', (t) => {
  t.notSame(hashCode(CODE.replace('7', '8')), HASH)
  t.notSame(hashCode([...CODE].reverse().join('')), HASH)
  t.end()
})

t.test('whatever is made can be read back', (t) => {
  for (let round = 0; round < 200; round++) {
    const { code } = newCode()
    t.same(hashCode(code.toLowerCase().replaceAll('-', '')), hashCode(code))
  }
  t.end()
})

t.test('the link carries the code in its fragment, which no browser sends to a server', (t) => {
  const url = new URL(acceptUrl('https://app.example.com/join?lang=de', CODE))
  t.equal(url.hash, `#code=${CODE}`)
  t.equal(url.search, '?lang=de')
  t.end()
})
