import { randomInt } from 'node:crypto'
import t from 'tap'
import { canonicalDomain, canonicalEmail, domainOf } from '../../src/domain/users/email.ts'

const ATOM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"
const KELVIN = '\u212A'
const LETTERS = [...ATOM, ...'abcdefgh'.repeat(20)]
const ODD = [...'\0\r\n "@.%/#ü\u212A／\u202E\uFE0Fß😀']

const taken = (addresses: readonly string[]) => addresses.filter((text) => canonicalEmail(text) !== null)
const at = (domains: string) => domains.split(' ').map((domain) => `bob@${domain}`)

t.test('an address in any case is the same address', (t) => {
  t.equal(canonicalEmail('Bob.Smith+News@Example.COM'), 'bob.smith+news@example.com')
  t.end()
})

t.test('dots and tags in the local part tell people apart, since only their own server knows better', (t) => {
  t.equal(canonicalEmail('b.o.b@gmail.com'), 'b.o.b@gmail.com')
  t.equal(canonicalEmail('bob+1@gmail.com'), 'bob+1@gmail.com')
  t.end()
})

t.test('a domain in any of its IDNA spellings is the same domain', (t) => {
  const spellings = 'bücher.example BÜCHER.example bu\u0308cher.example XN--Bcher-KVA.Example bücher。example'
  for (const domain of spellings.split(' '))
    t.equal(canonicalEmail(`bob@${domain}`), 'bob@xn--bcher-kva.example', domain)
  t.not(canonicalEmail('bob@faß.example'), canonicalEmail('bob@fass.example'))
  t.end()
})

t.test('a local part that only folds to ASCII is refused: KELVIN SIGN is not k', (t) => {
  t.same(
    taken([`boo${KELVIN}`, 'ｂob', 'bo\u0130b', 'ſam', 'bøb', '山田'].map((local) => `${local}@example.com`)),
    [],
  )
  t.end()
})

t.test('every character of a dot-string is taken as it is', (t) => {
  for (const character of ATOM)
    t.equal(canonicalEmail(`a${character}b@example.com`), `a${character.toLowerCase()}b@example.com`)
  t.end()
})

t.test('a local part that is no dot-string is refused, a quoted one too', (t) => {
  const locals = [
    '',
    '.bob',
    'bob.',
    'b..b',
    '"bob"',
    '"b@b"',
    'b b',
    'b@b',
    ...[...',(<\\:;[ '].map((c) => `b${c}b`),
  ]
  t.same(taken(locals.map((local) => `${local}@example.com`)), [])
  t.end()
})

t.test('no line end, NUL or other unseen character gets into an address', (t) => {
  for (const unseen of '\r|\n|\r\n|\0|\t|\u001B|\u007F|\u0085|\u2028|\u200B|\u202E|\uFEFF|\uD800'.split('|'))
    t.same(
      taken([
        `a${unseen}b@example.com`,
        `a@exam${unseen}ple.com`,
        `a@example.com${unseen}`,
        `${unseen}a@example.com`,
      ]),
      [],
    )
  t.equal(canonicalEmail('a@x.io\r\nBcc: b@y.io'), null)
  t.end()
})

t.test('nothing that a URL would read as its own is dropped from a domain: it is refused', (t) => {
  for (const end of '/ ? # \\ : ; @ /x ?x #x \\x :25 ;x /.evil.com %2Fx %00 ／x'.split(' '))
    t.equal(canonicalDomain(`example.com${end}`), null, JSON.stringify(end))
  t.same(taken(at('evil.com/example.com evil.com#.example.com ex%61mple.com ex<ample.com')), [])
  t.end()
})

t.test('an address needs a host name with a dot', (t) => {
  t.same(taken(at(' . localhost com ::1')), [])
  t.end()
})

t.test('an IP address is no domain, however it is written', (t) => {
  t.same(taken(at('[127.0.0.1] [IPv6:::1] [::1] 127.0.0.1 127.1 0x7f.1 2130706433 0177.0.0.1')), [])
  t.same(taken(at('１２７.0.0.1 127。0。0。1 a.1 a.0x1')), [])
  t.end()
})

t.test('a domain is made of labels, with no empty one, no hyphen at an end and no underscore', (t) => {
  t.same(taken(at('example.com. .example.com a..com -a.com a-.com a.-com a_b.com xn--.com')), [])
  for (const domain of 'a-b.com a--b.com 1a.co 1.example a.b.c.d.e.f.example'.split(' '))
    t.equal(canonicalDomain(domain), domain)
  t.end()
})

t.test('an address is as long as SMTP takes it, and no longer', (t) => {
  const label = 'a'.repeat(63)
  t.ok(canonicalEmail(`${'a'.repeat(64)}@example.com`))
  t.equal(canonicalEmail(`${'a'.repeat(65)}@example.com`), null)
  t.ok(canonicalEmail(`a@${label}.com`))
  t.equal(canonicalEmail(`a@a${label}.com`), null)

  const domain = `${label}.${label}.${label.slice(1)}`
  t.equal(canonicalEmail(`${'b'.repeat(63)}@${domain}`)?.length, 254)
  t.equal(canonicalEmail(`${'b'.repeat(64)}@${domain}`), null)
  t.equal(canonicalEmail(`a@${'ü'.repeat(60)}.com`), null, 'a label that is too long once it is ASCII')
  t.end()
})

t.test('what is no address at all is refused', (t) => {
  t.same(
    taken(['', '@', 'bob', 'bob@', '@example.com', 'mailto:bob@example.com', 'Bob <bob@example.com>']),
    [],
  )
  t.same(taken(['bob@example.com, eve@example.com', 'bob@example.com eve@example.com']), [])
  t.end()
})

t.test('the domain of an address is what follows its @', (t) => {
  t.equal(domainOf('bob@example.com'), 'example.com')
  t.end()
})

t.test('of two thousand random texts, each is refused or is an address in its one spelling', (t) => {
  const texts = Array.from({ length: 2000 }, randomAddress)
  const found = taken(texts)
  t.ok(found.length > 100 && found.length < 1900, `${found.length} were taken`)
  t.same(
    found.filter((text) => !isCanonicalSpellingOf(canonicalEmail(text) ?? '', text)),
    [],
  )
  t.end()
})

/** All ASCII, the same when read again in any case, and with the local part it came with. */
function isCanonicalSpellingOf(email: string, text: string): boolean {
  return (
    /^[\x21-\x7E]{1,64}@[a-z0-9.-]{3,253}$/.test(email) &&
    canonicalEmail(email) === email &&
    canonicalEmail(email.toUpperCase()) === email &&
    email.startsWith(text.slice(0, text.lastIndexOf('@') + 1).toLowerCase())
  )
}

function randomAddress(): string {
  return `${randomText(10)}@${randomText(8)}.${pick(['com', 'example', randomText(3)])}`
}

function randomText(most: number): string {
  return Array.from({ length: randomInt(1, most) }, () => pick(randomInt(25) === 0 ? ODD : LETTERS)).join('')
}

function pick(from: readonly string[]): string {
  return from[randomInt(from.length)] ?? ''
}
