import type { Reply } from './muster.ts'

interface Schema {
  readonly enum?: readonly string[]
  readonly properties?: { readonly code?: Schema }
  readonly allOf?: readonly Schema[]
}
interface Response {
  readonly content?: Record<string, { readonly schema?: Schema }>
}
type Document = {
  readonly paths?: Record<string, Record<string, { readonly responses?: Record<string, Response> }>>
}

// Answers given before a route is known, which belong to no operation.
const BEFORE_ROUTING = [
  'route_not_found',
  'malformed_url',
  'malformed_request',
  'headers_too_large',
  'request_timeout',
]

/** Returns a check that throws when the document does not know an answer: its status, or its problem's code. */
export function contractOf(document: object) {
  const { paths = {} } = document as Document
  const patterns = Object.entries(paths).map(([path, operations]) => ({
    operations,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
    parameters: path.split('{').length,
  }))
  // `/invitations/batch` must match before `{invitationId}` does.
  patterns.sort((a, b) => a.parameters - b.parameters)

  return (method: string, url: string, { status, body }: Reply): void => {
    const path = url.split('?')[0] ?? url
    const operation = patterns.find(
      ({ pattern, operations }) => pattern.test(path) && operations[method.toLowerCase()],
    )
    const code: string | undefined = status >= 400 ? body?.code : undefined
    if (code && BEFORE_ROUTING.includes(code)) return
    if (!operation) throw new Error(`${method} ${path} is not in the contract`)
    const response = operation.operations[method.toLowerCase()]?.responses?.[status]
    if (!response)
      throw new Error(`${method} ${path} answered ${status} ${code ?? ''}, which is not in the contract`)
    if (status >= 400 && !codesOf(response).includes(code ?? ''))
      throw new Error(
        `${method} ${path} answered ${status} ${code}, and the contract lists ${codesOf(response)}`,
      )
  }
}

function codesOf({ content = {} }: Response): readonly string[] {
  const schema = content['application/problem+json']?.schema
  return schema?.allOf?.flatMap(({ properties }) => properties?.code?.enum ?? []) ?? []
}
