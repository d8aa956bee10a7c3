const header = (name: string, description: string, example: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string', examples: [example] },
})

/** The calls that Muster makes to an endpoint: the `webhooks` of OpenAPI 3.1. */
export const WEBHOOK_CALLS = {
  event: {
    post: {
      operationId: 'receiveEvent',
      tags: ['Webhooks'],
      summary: 'An event reaches your endpoint',
      description:
        'Sent to the `url` of a webhook, signed by Standard Webhooks 1.0.0: verify it with one of its libraries before you believe it. Answer with 2xx within 15 s, and do the work later. It may come more than once, and not always in order: `webhook-id` is the same each time, and `sequence` counts within the organisation.',
      security: [],
      parameters: [
        header(
          'webhook-id',
          'The id of the event, the same each time.',
          '01980f3a-9d10-7c11-8a55-1f2e3d4c5b6a',
        ),
        header('webhook-timestamp', 'When this attempt was made: seconds since 1970.', '1769851800'),
        header(
          'webhook-signature',
          'HMAC-SHA-256 of id, timestamp and body with each valid secret; spaces between.',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
      ],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } } },
      responses: {
        '2XX': { description: 'It has arrived.' },
        '410': { description: 'The endpoint is gone for good: the webhook is disabled.' },
        '429': { description: 'Later, as all other answers. `Retry-After` is honoured.' },
      },
    },
  },
}
