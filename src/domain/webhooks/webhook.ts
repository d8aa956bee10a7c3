import { DomainError } from '../errors.ts'
import type { EventType } from '../events/event.ts'
import type { SealingKeys } from './secret.ts'

/** An endpoint of a backend, to which Muster sends events. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly description: string | null
  /** Null: all types. */
  readonly types: EventType[] | null
  readonly status: 'enabled' | 'disabled'
  /** `gone`: it answered 410. `failing`: nothing got through for FAILING_DAYS. Null while it is enabled. */
  readonly disabledReason: 'requested' | 'gone' | 'failing' | null
  /** The time of the first failure after the last success. */
  readonly failingSince: Date | null
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A webhook and its secret, in the one answer that has it: `whsec_`, then base64, as Standard Webhooks writes it. */
export type WebhookWithSecret = Webhook & { readonly secret: string }

/** One event on its way to one endpoint. Muster keeps only the status of the endpoint's answers. */
export interface Delivery {
  readonly id: string
  readonly webhookId: string
  readonly event: { readonly id: string; readonly type: EventType }
  readonly status: DeliveryStatus
  readonly attempts: number
  /** The HTTP status of the last attempt, null without an answer. `duration` and `failure` are of the same attempt. */
  readonly responseStatus: number | null
  /** Milliseconds. */
  readonly duration: number | null
  /** Null when the endpoint answered. */
  readonly failure: string | null
  readonly createdAt: Date
  readonly lastAttemptAt: Date | null
  readonly nextAttemptAt: Date | null
}

export interface WebhookSettings {
  /** True in development: allows http, and addresses that are not public. */
  readonly allowPrivate: boolean
  readonly keys: SealingKeys
  /** The number of webhooks there may be. */
  readonly most: number
}

export const DELIVERY_STATUSES = ['pending', 'succeeded', 'failed'] as const

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** Hours for which a secret that was replaced still signs beside the new one. */
export const OVERLAP_HOURS = 24

/** Days without a success after which an endpoint is disabled: longer than the retries of one event take. */
export const FAILING_DAYS = 5

/** Days for which deliveries are listed. */
export const DELIVERIES_KEPT_DAYS = 30

export function webhookNotFound(): DomainError {
  return new DomainError('webhook_not_found', 'There is no such webhook.')
}

export function deliveryNotFound(): DomainError {
  return new DomainError('delivery_not_found', 'There is no such delivery of this webhook.')
}

/** @throws too_many_webhooks. Each has lanes of its own in every process, so that none waits for another. */
export function refuseManyWebhooks(count: number, most: number): void {
  if (count >= most)
    throw new DomainError('too_many_webhooks', `There are ${most} webhooks already. Delete one first.`)
}

/** @throws webhook_disabled: Muster sends nothing there. */
export function refuseDisabled({ status }: Webhook): void {
  if (status === 'disabled')
    throw new DomainError('webhook_disabled', 'This webhook is disabled. Enable it first.')
}
