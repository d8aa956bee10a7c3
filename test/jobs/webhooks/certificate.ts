import { generateKeyPairSync, sign } from 'node:crypto'

/** A certificate that vouches for itself (RFC 5280), valid for years until `end`. */
export function certify(name: string, end = new Date()): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = der(0x30, der(0x06, '2b6570'))
  const time = (date: Date) =>
    der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
  const named = der(0x30, der(0x31, der(0x30, der(0x06, '550403'), der(0x0c, Buffer.from(name)))))
  const altName = der(0x30, der(0x06, '551d11'), der(0x04, der(0x30, der(0x82, Buffer.from(name)))))
  const content = der(
    0x30,
    der(0xa0, der(0x02, '02')),
    der(0x02, '01'),
    ed25519,
    named,
    der(0x30, time(new Date(0)), time(end)),
    named,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altName)),
  )
  const signed = der(0x30, content, ed25519, der(0x03, '00', sign(null, content, privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64')}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)),
  )
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
