import { parseArgs } from 'node:util'
import { type JWTPayload, SignJWT } from 'jose'
import { type Config, ConfigError, loadJwt } from '../config.ts'
import { isScope, SCOPES } from '../domain/actor.ts'
import { canonicalEmail } from '../domain/users/email.ts'

const USAGE = `Prints a token, signed with the secret that Muster runs with.

  npm run token -- <email> [--name <name>] [--sub <id>] [--unverified] [--expires <time>]
  npm run token -- [<name>] --service "<scope> …" [--expires <time>]

  --name        the person's name
  --sub         their id at the identity provider; without it, the e-mail address
  --unverified  nobody checked that the address is theirs
  --service     a service's token: one or more of ${SCOPES.join(', ')}
  --expires     as in 90s, 30m, 12h or 7d; without it, 24h

For the token alone: TOKEN=$(npm run --silent token -- alice@example.com)`

class UsageError extends Error {}
class UnableToSignError extends Error {}

async function main(): Promise<void> {
  try {
    const { claims, expires } = readArguments(process.argv.slice(2))
    console.log(await sign(loadJwt(process.env), claims, expires))
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** @param expires as in `24h` */
async function sign(jwt: Config['jwt'], claims: JWTPayload, expires: string): Promise<string> {
  if (jwt.kind !== 'secret') throw new UnableToSignError(UNABLE)
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt()
  if (jwt.issuer !== null) token.setIssuer(jwt.issuer)
  if (jwt.audience !== null) token.setAudience(jwt.audience)
  return await token.setExpirationTime(expires).sign(Buffer.from(jwt.secret))
}

const UNABLE =
  'Muster has only the public key (JWT_PUBLIC_KEY or JWT_JWKS_URL), so it cannot sign a token. Get one from your identity provider.'

function readArguments(args: string[]): { claims: JWTPayload; expires: string } {
  const { values, positionals } = parse(args)
  const { service, expires = '24h' } = values
  if (positionals.length > 1) throw new UsageError(`One token at a time: ${positionals.join(', ')}`)
  if (!/^[1-9]\d{0,5}[smhd]$/.test(expires)) throw new UsageError(`--expires is not a time: ${expires}`)

  const [subject] = positionals
  const claims = service === undefined ? userClaims(subject, values) : serviceClaims(subject, service, values)
  return { claims, expires }
}

type Values = ReturnType<typeof parse>['values']

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        sub: { type: 'string' },
        unverified: { type: 'boolean' },
        service: { type: 'string' },
        expires: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function userClaims(text: string | undefined, { name, sub, unverified }: Values): JWTPayload {
  if (text === undefined) throw new UsageError('Whose token? Give an e-mail address.')
  const email = canonicalEmail(text)
  if (email === null) throw new UsageError(`Not an e-mail address that Muster takes: ${text}`)
  return { sub: sub || email, email, email_verified: !unverified, ...(name && { name }) }
}

function serviceClaims(name: string | undefined, service: string, values: Values): JWTPayload {
  const scopes = service.split(/[\s,]+/).filter((scope) => scope !== '')
  if (scopes.length === 0 || !scopes.every(isScope)) {
    throw new UsageError(`--service takes one or more of ${SCOPES.join(', ')}`)
  }
  if (values.name || values.unverified)
    throw new UsageError('--name and --unverified are for a person, not a service.')
  return { sub: values.sub || name || 'service', scope: scopes.join(' ') }
}

/** Tells the person at the terminal what went wrong. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`)
    return 2
  }
  if (error instanceof UnableToSignError || error instanceof ConfigError) {
    console.error(error.message)
    return 1
  }
  throw error
}

await main()
