import { asFields } from '../_shared/anthropic-reducer'
import type { BlockRow, ToolBlock } from './blocks'
import { textIn, type Fields } from './chat'

const MAX_ID = 40

interface Call {
  tool: ToolBlock
  /** As the upstream named it. */
  id: string
}

/** Finds out to which call each piece belongs: upstreams number calls, name them, repeat id and name, or do none of it. */
export class ToolCalls {
  private readonly byIndex = new Map<number, Call>()
  private readonly byId = new Map<string, Call>()
  private last: Call | null = null
  private readonly ids = new Set<string>()
  private readonly all: ToolBlock[] = []

  constructor(private readonly row: BlockRow, private readonly o: { names: ReadonlyMap<string, string>, taken: ReadonlySet<string>, newId(): string }) {}

  get any(): boolean {
    return this.all.some(tool => tool.name !== '')
  }

  take(entry: Fields): void {
    const fn = asFields(entry.function) ?? {}
    const index = typeof entry.index === 'number' ? entry.index : null
    const id = textIn(entry.id)
    const name = textIn(fn.name)
    const args = typeof fn.arguments === 'object' && fn.arguments !== null ? JSON.stringify(fn.arguments) : textIn(fn.arguments)
    const call = this.find(index, id, name, args) ?? this.begin(index)
    this.last = call
    if (id !== '' && call.id === '') this.identify(call, id)
    if (call.tool.name === '') call.tool.name = this.o.names.get(name) ?? name
    this.row.grow(call.tool, args)
  }

  /** The answer is over: calls that were never given an id get one. */
  end(): void {
    for (const tool of this.all) if (tool.id === '') tool.id = this.unused('')
  }

  private find(index: number | null, id: string, name: string, args: string): Call | undefined {
    if (index === null) return this.findUnnumbered(id, name)
    const call = this.byIndex.get(index)
    if (!call || name === '') return call
    // Some number every call 0 and send each whole.
    if (id !== '') return call.id === '' || call.id === id ? call : undefined
    return call.tool.args.complete && args !== '' && args !== call.tool.args.text ? undefined : call
  }

  private findUnnumbered(id: string, name: string): Call | undefined {
    const { last } = this
    const known = id === '' ? undefined : this.byId.get(id)
    if (known || !last) return known
    const sameCall = !last.tool.args.complete && (name === '' || last.tool.name === '' || last.tool.name === (this.o.names.get(name) ?? name))
    if (id !== '') return last.id === '' && sameCall ? last : undefined
    return name === '' || sameCall ? last : undefined
  }

  private begin(index: number | null): Call {
    const call = { tool: this.row.tool('', ''), id: '' }
    this.all.push(call.tool)
    if (index !== null) this.byIndex.set(index, call)
    return call
  }

  private identify(call: Call, id: string): void {
    call.id = id
    call.tool.id = this.unused(id)
    this.byId.set(id, call)
  }

  /** An id that any upstream takes when the conversation comes back, close to the one given. */
  private unused(id: string): string {
    const clean = id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_ID)
    const chosen = clean === '' || this.ids.has(clean) || this.o.taken.has(clean) ? this.o.newId() : clean
    this.ids.add(chosen)
    return chosen
  }
}
