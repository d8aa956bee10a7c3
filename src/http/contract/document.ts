import { WEBHOOK_CALLS } from '../webhooks/call-schema.ts'

/** The part of the document that describes the service as a whole. The operations come from the routes. */
export const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Muster',
    version: '1',
    description: `Organisations, members, roles and invitations, and the answer to "may this user do that here?".

Errors are problem documents (RFC 9457) with a stable \`code\`. Lists page by \`cursor\`. Every POST that changes something takes an \`Idempotency-Key\`. Unknown fields and parameters are refused. What is not here is a 404 \`route_not_found\`. A call that cannot be read as HTTP at all is answered by 400 \`malformed_request\`, 408 \`request_timeout\` or 431 \`headers_too_large\`.`,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'This service' }],
  tags: [
    { name: 'Me', description: 'The caller: profile, organisations, bell.' },
    {
      name: 'Organisations',
      description: 'Made at sign-up, customised, left, handed over, deleted, restored.',
    },
    { name: 'Members', description: 'Who is in an organisation, and in which role.' },
    {
      name: 'Invitations',
      description: 'By e-mail and by open code: sent, seen, accepted, declined, revoked.',
    },
    {
      name: 'Resources',
      description: 'The tree of an organisation: workspaces, domains, projects, and who may what there.',
    },
    { name: 'Billing', description: 'Invoice information, for Admins and Accounting alone.' },
    { name: 'Access', description: 'May this user do that here? And why.' },
    { name: 'Users', description: 'People over all organisations, for backends.' },
    { name: 'Events', description: 'Who did what: the audit log, and the feed over all organisations.' },
    { name: 'Webhooks', description: 'Endpoints of backends that are told of events.' },
    { name: 'Operations', description: 'For those who run Muster.' },
  ],
  components: {
    securitySchemes: {
      bearer: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          'A token of your identity provider; in development, one of `npm run token -- alice@example.com`.',
      },
    },
  },
  security: [{ bearer: [] }],
  webhooks: WEBHOOK_CALLS,
}
