import t from 'tap'
import { DomainError } from '../../src/domain/errors.ts'
import { isPublicAddress, refuseTarget } from '../../src/domain/webhooks/address.ts'

const https = (rest: string) => `https://${rest}`
const published = (addresses: string) => addresses.split(' ').filter(isPublicAddress)

t.test('an address of the internet is public', (t) => {
  const addresses =
    '1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 172.15.0.1 172.32.0.1 192.0.1.1 ' +
    '198.17.255.255 198.20.0.0 223.255.255.255 2606:4700:4700::1111 2A00:1450:4001:81b::200e 2001:4860:4860::8888'
  t.same(published(addresses), addresses.split(' '))
  t.end()
})

t.test('an address of this host, of a private network or of no one is not public', (t) => {
  t.same(published('127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 ::1 ::'), [], 'this host')
  t.same(
    published('10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 100.127.255.255'),
    [],
    'private',
  )
  t.same(published('fc00::1 fd00::1 fec0::1 fd00:ec2::254'), [], 'private, of IPv6')
  t.same(published('169.254.169.254 fe80::1 febf::1'), [], 'link-local')
  t.same(published('192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1'), [], 'for documents')
  t.same(published('198.18.0.1 198.19.255.255 2001:2::1'), [], 'for benchmarks')
  t.same(
    published('224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 ff02::1 ff0e::1'),
    [],
    'for many, or kept',
  )
  t.same(
    published('192.0.0.1 192.0.0.170 192.88.99.1 100::1 5f00::1 2001:20::1 4000::1 8000::1'),
    [],
    'for protocols',
  )
  t.end()
})

t.test('an IPv6 address that carries an IPv4 one is not public, even when that one is', (t) => {
  t.same(published('::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 0:0:0:0:0:ffff:808:808'), [], 'mapped')
  t.same(published('::127.0.0.1 ::7f00:1 ::808:808 ::ffff:0:7f00:1'), [], 'compatible, translated')
  t.same(published('64:ff9b:: 64:ff9b::7f00:1 64:ff9b::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::1'), [], 'NAT64')
  t.same(published('2002:7f00:1:: 2002:808:808::1 2001::1 2001:0:7f00:1::'), [], '6to4, Teredo')
  t.end()
})

t.test('an address with a zone is not public', (t) => {
  t.same(published('fe80::1%eth0 fe80::1%1 2606:4700:4700::1111%eth0 ::1%lo'), [])
  t.end()
})

t.test('only the usual notation of an address is one', (t) => {
  t.same(
    published('8.8 0x8.8.8.8 010.8.8.8 08.8.8.8 134744072 8.8.8.8. 8.8.8.256 [2606:4700::1] 2606:4700'),
    [],
  )
  t.same(published('localhost example.com 8.8.8.8:443 8.8.8.8/32 ８.8.8.8'), [])
  t.same(['', ' 8.8.8.8', '8.8.8.8 ', '8.8.8.8\n', '2606:4700::1\n'].filter(isPublicAddress), [])
  t.end()
})

t.test('a target is answered in its one spelling', (t) => {
  const spellings = {
    'https://example.com': 'https://example.com/',
    'HTTPS://Hooks.Example.COM:443/a/../b?c=d': 'https://hooks.example.com/b?c=d',
    'https://bücher.example:8443/ü': 'https://xn--bcher-kva.example:8443/%C3%BC',
    'https://8.8.8.8\\@example.com': 'https://8.8.8.8/@example.com',
    ' https://exa\tmple.com/\n': 'https://example.com/',
    'https://134744072/': 'https://8.8.8.8/',
    'https://[2606:4700:4700:0:0:0:0:1111]/': 'https://[2606:4700:4700::1111]/',
    'https://localhost.example.com/': 'https://localhost.example.com/',
    'https://notlocalhost/': 'https://notlocalhost/',
  }
  for (const [url, canonical] of Object.entries(spellings)) t.equal(refuseTarget(url, false), canonical)
  t.end()
})

t.test('a target is https, and http too where private ones are allowed', (t) => {
  const others = ['ftp://example.com', 'file:///etc/passwd', 'javascript:1', 'unix:/x', 'wss://example.com']
  t.same(notRefused('https', ['http://example.com', ...others]), [])
  t.same(notRefused('https', others, true), [])
  t.equal(refuseTarget('http://example.com', true), 'http://example.com/')
  t.end()
})

t.test('a target holds no user name, password or fragment', (t) => {
  const named = ['bob@example.com', ':secret@example.com', 'bob:secret@example.com', 'example.com%40@8.8.8.8']
  const marked = ['example.com/#', 'example.com/#a', 'example.com#@x.io', 'example.com?#a']
  for (const allowPrivate of [false, true]) {
    t.same(notRefused('user name', named.map(https), allowPrivate), [])
    t.same(notRefused('fragment', marked.map(https), allowPrivate), [])
  }
  t.end()
})

t.test('a target is a URL with a host', (t) => {
  const urls = ['', 'example.com', '/hooks', '//example.com', 'https', 'https:']
  const hosts = ['', '?a', ':443/', 'a b/', 'exa%00mple.com', 'a.256.256', '[::1', 'a:65536/']
  const zones = ['[fe80::1%eth0]/', '[fe80::1%25eth0]/']
  for (const allowPrivate of [false, true])
    t.same(notRefused('is a URL', [...urls, ...[...hosts, ...zones].map(https)], allowPrivate), [])
  t.end()
})

t.test('a target has at most 2048 characters, as it is given and in its one spelling', (t) => {
  const start = 'https://example.com/'
  const longest = start + 'a'.repeat(2048 - start.length)
  t.equal(refuseTarget(longest, false), longest)
  t.same(notRefused('2048', [`${longest}a`, start + 'ü'.repeat(400), `${start}${'a/../'.repeat(500)}`]), [])
  t.end()
})

t.test('a host that is near is refused, however it is spelled', (t) => {
  const hosts =
    '127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 0X7F.0.0.0x1 2130706433 0177.0.0.1 017700000001 127.0.0.1. 0 0.0.0.0 ' +
    '127.0.0.1.. １２７.0.0.1 127。0。0。1 ⑫7.0.0.1 %31%32%37.0.0.1 127%2e0.0.1 0x7f.1. 10.1 169.254.169.254 ' +
    '2852039166 100.64.0.1 192.0.2.1 198.18.0.1 224.0.0.1 255.255.255.255 4294967295 [::1] [::] [0:0:0:0:0:0:0:1] ' +
    '[::ffff:127.0.0.1] [::FFFF:7f00:1] [::127.0.0.1] [::7f00:1] [64:ff9b::] [64:ff9b::127.0.0.1] [64:ff9b:1::1] ' +
    '[2002:7f00:1::] [fd00::1] [fe80::1] [ff02::1] localhost LOCALHOST localhost. localhost.. a.localhost ' +
    'a.b.LocalHost. ⓛocalhost lo\u00ADcalhost local%68ost ｌｏｃａｌｈｏｓｔ'
  const urls = hosts.split(' ').map((host) => https(`${host}:8443/hooks`))
  t.same(notRefused('public internet', urls), [])
  for (const url of urls)
    t.equal(refuseTarget(url, true), URL.parse(url)?.href, 'unless private ones are allowed')
  t.end()
})

t.test('a refusal says which field it is about, and repeats nothing of the URL', (t) => {
  const hosts = ['seKret@a.b', 'a.b/#seKret', '127.1/seKret', `a.b/${'seKret'.repeat(400)}`]
  for (const url of ['seKret', 'ftp://seKret', ...hosts.map(https)]) {
    const { code, refusal, message } = refusalOf(url, false) ?? {}
    t.same({ code, refusal }, { code: 'invalid_request', refusal: { pointer: '/url' } })
    t.match(message, /^The .*\.$/)
    t.notMatch(message, 'seKret')
  }
  t.end()
})

/** Those of the URLs that are taken, or refused for something else than what the sentence is about. */
function notRefused(what: string, urls: readonly string[], allowPrivate = false): string[] {
  return urls.filter((url) => !refusalOf(url, allowPrivate)?.message.includes(what))
}

function refusalOf(url: string, allowPrivate: boolean): DomainError | null {
  try {
    refuseTarget(url, allowPrivate)
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  return null
}
