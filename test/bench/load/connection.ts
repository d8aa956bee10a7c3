import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  /** Head and body, as received. */
  readonly bytes: Buffer
  readonly bodyAt: number
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * One kept-alive connection with one request at a time. It parses only as much of HTTP as shows when an answer is
 * complete, because the generator shares the machine with what it measures.
 */
export class Connection {
  readonly #socket: Socket
  #answer: (answer: Answer) => void = () => {}
  #fail: (error: Error) => void
  #received: Buffer | undefined
  #bodyAt = 0
  /** Bytes of the whole answer; -1: it comes in chunks. */
  #length = 0

  constructor(socket: Socket, fail: (error: Error) => void) {
    this.#socket = socket.setNoDelay(true)
    this.#fail = fail
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed a connection')))
  }

  static open(port: number, fail: (error: Error) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket, fail))
      })
    })
  }

  send(request: Buffer, answer: (answer: Answer) => void): void {
    this.#answer = answer
    this.#socket.write(request)
  }

  close(): void {
    this.#fail = () => {}
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    const received = this.#received ? Buffer.concat([this.#received, bytes]) : bytes
    if (this.#bodyAt === 0) this.#readHead(received)
    if (this.#bodyAt === 0 || !this.#isWhole(received)) {
      this.#received = received
      return
    }
    const bodyAt = this.#bodyAt
    this.#received = undefined
    this.#bodyAt = 0
    this.#answer({ status: Number(received.toString('latin1', 9, 12)), bytes: received, bodyAt })
  }

  #readHead(received: Buffer): void {
    const end = received.indexOf(HEAD_END)
    if (end < 0) return
    this.#bodyAt = end + 4
    const head = received.toString('latin1', 0, end)
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
    const chunked = length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)
    this.#length = chunked ? -1 : this.#bodyAt + Number(length ?? 0)
  }

  #isWhole(received: Buffer): boolean {
    if (this.#length >= 0) return received.length >= this.#length
    return received.length >= this.#bodyAt + 5 && received.subarray(-5).equals(LAST_CHUNK)
  }
}
