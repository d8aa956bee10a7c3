import { type TSchema, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import { DomainError } from '../../domain/errors.ts'
import type { Line } from '../../domain/import/line.ts'
import { canonicalEmail } from '../../domain/users/email.ts'
import { line, RoleName, strict, UserId } from '../../http/contract/fields.ts'
import { CreateOrg, ExternalId, UpdateOrg } from '../../http/orgs/schema.ts'
import { CreateResource, ResourceExternalId } from '../../http/resources/schema.ts'
import { refuseUnkept } from '../../http/server/strict-input.ts'

// Checks each field by the API's own rules, with Fastify's checker (Ajv), its words and its formats.

const Name = Type.String({ minLength: 1, maxLength: 255 })
const { name, slug, metadata } = CreateOrg.properties
const { logoUrl, memberAccess } = UpdateOrg.properties

const SCHEMAS: Readonly<Record<Line['type'], TSchema>> = {
  org: Type.Object(
    {
      type: Type.Literal('org'),
      externalId: ExternalId,
      name,
      adminUserId: UserId,
      slug: Type.Optional(slug),
      logoUrl: Type.Optional(logoUrl),
      memberAccess: Type.Optional(memberAccess),
      metadata: Type.Optional(metadata),
      namedAfter: Type.Optional(UserId),
    },
    strict,
  ),
  member: Type.Object(
    {
      type: Type.Literal('member'),
      org: Name,
      userId: UserId,
      role: RoleName,
      email: Type.Optional(Type.String({ maxLength: 254 })),
      emailVerified: Type.Optional(Type.Boolean()),
      name: Type.Optional(line(200)),
      signedUp: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  resource: Type.Object(
    {
      type: Type.Literal('resource'),
      org: Name,
      externalId: ResourceExternalId,
      parent: Type.Optional(Name),
      resourceType: CreateResource.properties.type,
      name: CreateResource.properties.name,
      metadata: Type.Optional(CreateResource.properties.metadata),
    },
    strict,
  ),
  grant: Type.Object(
    { type: Type.Literal('grant'), org: Name, resource: Name, userId: UserId, role: RoleName },
    strict,
  ),
}

const ajv = new Ajv({ strict: false })
addFormats.default(ajv)
const CHECKS = new Map(Object.entries(SCHEMAS).map(([type, schema]) => [type, ajv.compile(schema)]))

/** Parses a line, or says in a few words why it cannot be imported. */
export function parseLine(text: string | undefined): Line | { readonly refused: string } {
  if (text === undefined) return { refused: 'longer than 1 MiB, or not UTF-8' }
  const value = json(text)
  if (typeof value !== 'object' || value === null) return { refused: 'not a JSON object' }
  const check = CHECKS.get('type' in value && typeof value.type === 'string' ? value.type : '')
  if (!check) return { refused: `its type is none of ${[...CHECKS.keys()].join(', ')}` }
  const unkept = unkeptIn(value)
  if (unkept !== undefined) return { refused: unkept }
  return check(value) ? canonical(value as Line) : { refused: wrongIn(check.errors ?? []) }
}

function wrongIn([wrong]: readonly ErrorObject[]): string {
  const { instancePath = '', message = 'is not right', params = {} } = wrong ?? {}
  const unknown = 'additionalProperty' in params ? `: ${params.additionalProperty}` : ''
  return `${instancePath || 'the line'} ${message}${unknown}`
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Finds what the API would not keep either: NUL, lone surrogates, infinite numbers, too much depth. */
function unkeptIn(value: unknown): string | undefined {
  try {
    refuseUnkept(value, '')
    return undefined
  } catch (error) {
    if (error instanceof DomainError) return error.message
    throw error
  }
}

function canonical(line: Line): Line | { readonly refused: string } {
  if (line.type !== 'member' || line.email === undefined) return line
  const email = canonicalEmail(line.email)
  return email === null ? { refused: '/email: not an e-mail address that Muster takes' } : { ...line, email }
}
