import type { Call, Operation, OperationName } from '../operations.ts'
import type { Server } from './server.ts'

/** Somebody who does the operations, and whom it can be compared with. */
export interface Contender {
  readonly name: string
  readonly server: Server
  /** The nth call; undefined where the contender has nothing like it. */
  call(operation: Operation, n: number): Call | undefined
  /** Makes what so many calls from the nth on will use up: invitations that can be accepted. */
  stock(operation: OperationName, from: number, count: number): Promise<void>
  /** How many of these calls have left in the database what an answer acknowledges; undefined: it is a read. */
  kept(operation: OperationName, calls: readonly number[]): Promise<number | undefined>
}
