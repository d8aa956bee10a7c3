import type { Call, Operation, OperationName } from '../operations.ts'
import type { Server } from './server.ts'

/** A server that performs the operations, and can be compared with others. */
export interface Contender {
  readonly name: string
  readonly server: Server
  /** Returns the nth call; undefined where the contender has nothing like it. */
  call(operation: Operation, n: number): Call | undefined
  /** Makes what so many calls from the nth on use up: invitations to be accepted. */
  stock(operation: OperationName, from: number, count: number): Promise<void>
  /** Counts these calls whose acknowledged effect is in the database; undefined for a read. */
  kept(operation: OperationName, calls: readonly number[]): Promise<number | undefined>
}
