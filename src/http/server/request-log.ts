import fastify, { type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'

// Matches what looks like a code.
const CODE_SHAPE = /[0-9A-TV-Z](?:(?:-|%2D|%20|\+)*[0-9A-TV-Z]){23}/gi
const UUID_SHAPE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
// An identity provider's ids can look like a code: auth0|507f1f77bcf86cd799439011.
const NAMES_A_USER = /^(members|users)$/
const SECRET_SHAPE = /whsec_.*/i
const ORIGIN = /^https?:\/\/[^/?#]*/i

/**
 * Returns the path of a URL without a code: neither what stands in the place of one, right or wrong, nor what looks
 * like one anywhere else. Leaves out the query, which holds names and addresses.
 */
export function redactUrl(url: string): string {
  const [path = ''] = url.replace(ORIGIN, '').split(/[?#]/, 1)
  return path.split('/').map(withoutCode).join('/') || '/'
}

function withoutCode(part: string, at: number, parts: string[]): string {
  const [, noun = ''] = parts
  if (UUID_SHAPE.test(part) || NAMES_A_USER.test(parts[at - 1] ?? '')) return part
  if (at === 2 && unescaped(noun) === 'invitations') return '{code}'
  return part.replace(SECRET_SHAPE, '{secret}').replace(CODE_SHAPE, '{code}')
}

/** Decodes as the router does, which takes `%69nvitations` for `invitations`. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/**
 * Logs one line for each request when it ends, whether answered or given up by its caller. Logs its arrival only at
 * `debug`. Fastify calls it for every request, even for one whose URL cannot be read.
 */
export class RequestLog extends fastify.LogController {
  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    request.log.debug({ req: request }, 'incoming request')
    reply.raw.once('close', () => {
      const { raw, elapsedTime: responseTime } = reply
      if (raw.writableFinished)
        request.log.info({ req: request, res: reply, responseTime }, 'request completed')
      else request.log.info({ req: request, responseTime }, 'request aborted')
    })
  }

  // Fastify calls this when the answer is written. The listener to `close`, above, logs the end instead.
  override requestCompleted(): void {}
}

/** No header is logged, so no token is. */
export const serializers: NonNullable<Extract<FastifyServerOptions['logger'], object>['serializers']> = {
  req: (request: FastifyRequest) => ({
    method: request.method,
    url: redactUrl(request.url),
    from: request.ip,
  }),
  res: (reply) => ({ status: reply.statusCode }),
  err: (error: Error) => ({
    type: error.name,
    message: withoutParameters(error.message),
    stack: framesOf(error),
    cause: causeOf(error),
  }),
}

// The message of a failed statement ends with its parameters. What a user sent does not belong in a log.
function withoutParameters(message: string): string {
  return message.split('\nparams:', 1)[0] ?? message
}

/** Cuts the message from the beginning of a stack. */
function framesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message)
  return start < 0 ? '' : stack.slice(start + message.length).trimStart()
}

function causeOf({ cause }: Error): object | undefined {
  if (!(cause instanceof Error)) return undefined
  return { message: cause.message, ...('code' in cause && { code: cause.code }) }
}
