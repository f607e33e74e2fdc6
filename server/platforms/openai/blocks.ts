import { Arguments } from './arguments'
import type { AnswerSink } from './sink'

/** One tool call as it grows. */
export interface ToolBlock {
  type: 'tool_use'
  id: string
  name: string
  args: Arguments
  /** Is everything of it that will come here, id and name included? */
  sealed: boolean
  open: boolean
  closed: boolean
  waiting: string
}

interface ProseBlock {
  type: 'text' | 'thinking'
  open: boolean
  closed: boolean
  /** Not written yet: blanks, or what stands behind another block. */
  waiting: string
}

type Block = ToolBlock | ProseBlock

/**
 * Brings blocks that upstreams mix into the one order the Messages API knows. The first in the row is written as it comes; one behind
 * it waits until the first is complete, at the latest until the end.
 */
export class BlockRow {
  private row: Block[] = []
  private first = 0
  private index = 0

  constructor(private readonly sink: AnswerSink, private readonly begin: () => void) {}

  prose(type: 'text' | 'thinking', piece: string): void {
    const last = this.row.at(-1)
    const block = last?.type === type ? last : this.add({ type, open: false, closed: false, waiting: '' })
    this.write(block, piece)
  }

  tool(id: string, name: string): ToolBlock {
    return this.add({ type: 'tool_use', id, name, args: new Arguments(), sealed: false, open: false, closed: false, waiting: '' })
  }

  /** More arguments of a call; also to be called when its id or name has become known. */
  grow(tool: ToolBlock, piece: string): void {
    if (!tool.closed) this.write(tool, tool.args.push(piece))
  }

  /** The answer is over: everything that waits is written and closed. */
  end(): void {
    for (const block of this.row.slice(this.first)) if (block.type === 'tool_use') block.sealed = true
    this.advance()
    const last = this.row[this.first]
    if (last) this.close(last)
  }

  private add<T extends Block>(block: T): T {
    this.row.push(block)
    return block
  }

  private write(block: Block, piece: string): void {
    if (block.open) {
      if (piece !== '') this.sink.piece(this.index, block.type, piece)
    }
    else block.waiting += piece
    this.advance()
  }

  private advance(): void {
    for (let block = this.row[this.first]; block; block = this.row[this.first]) {
      if (!block.open && isReady(block)) this.open(block)
      if (this.first === this.row.length - 1 || !isOver(block)) return
      this.close(block)
    }
  }

  private open(block: Block): void {
    this.begin()
    block.open = true
    this.sink.open(this.index, block.type === 'tool_use' ? { type: 'tool_use', id: block.id, name: block.name } : { type: block.type })
    if (block.waiting !== '') this.sink.piece(this.index, block.type, block.waiting)
    block.waiting = ''
  }

  private close(block: Block): void {
    if (block.open) {
      const rest = block.type === 'tool_use' ? block.args.end() : ''
      if (rest !== '') this.sink.piece(this.index, block.type, rest)
      this.sink.close(this.index++)
    }
    block.closed = true
    this.first++
    // What is written is let go of now and then, not by moving the row each time.
    if (this.first < 64) return
    this.row = this.row.slice(this.first)
    this.first = 0
  }
}

/** A block of blanks is none (the Messages API refuses them), and a call needs id and name. */
const isReady = (block: Block): boolean =>
  block.type === 'tool_use' ? block.name !== '' && (block.id !== '' || block.sealed) : block.waiting.trim() !== ''

const isOver = (block: Block): boolean => block.type !== 'tool_use' || block.sealed || (block.open && block.args.complete)
