import { asFields } from '../_shared/anthropic-reducer'
import { BlockRow } from './blocks'
import { fieldsIn, textIn, type Fields } from './chat'
import { errorIn, type ChatError } from './errors'
import { isFailure, stopReason } from './finish'
import { contentIn, reasoningIn } from './said'
import type { AnswerSink } from './sink'
import { ThinkTags } from './think-tags'
import { ToolCalls } from './tool-calls'
import { ChatUsage, usageIn } from './usage'

export interface MachineOptions {
  /** The model that was asked for: the answer names it. */
  model: string
  /** The client's tool names by those that were sent, where they differ. */
  names: ReadonlyMap<string, string>
  /** For an estimate where the upstream tells no usage. */
  requestBytes: number
  /** Stop sequences that were sent. */
  stops: readonly string[]
  /** Ids of calls that the conversation holds already. */
  takenIds: ReadonlySet<string>
  /** Letters and digits that no other answer has, for what the upstream leaves nameless. */
  uniqueId: string
}

/** Turns the chunks of a chat completion into the steps of an Anthropic answer. Nothing is begun before there is content. */
export class ChatMachine {
  readonly usage: ChatUsage
  error: ChatError | null = null
  servedModel: string | null = null
  /** The upstream's reason to end, once it said so. */
  private finish: string | null = null
  private matchedStop: string | null = null
  private refused = false
  private id = ''
  private begun = false
  private over = false
  private made = 0
  private readonly row: BlockRow
  private readonly tools: ToolCalls
  private readonly tags = new ThinkTags((kind, piece) => this.prose(kind, piece))

  constructor(private readonly o: MachineOptions, private readonly sink: AnswerSink) {
    this.usage = new ChatUsage(o.requestBytes)
    this.row = new BlockRow(sink, () => this.begin())
    this.tools = new ToolCalls(this.row, { names: o.names, taken: o.takenIds, newId: () => `call_${o.uniqueId.slice(-28)}_${this.made++}` })
  }

  /** Did the upstream say that its answer is whole? */
  get finished(): boolean {
    return this.finish !== null && this.error === null
  }

  /** Has anything of the answer come? */
  get started(): boolean {
    return this.begun
  }

  take(chunk: Fields): void {
    if (this.over) return
    const failure = errorIn(chunk)
    if (failure) return this.fail(failure)
    const choice = fieldsIn(chunk.choices)[0]
    this.id ||= textIn(chunk.id).replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64)
    this.servedModel ??= textIn(chunk.model) || null
    const usage = usageIn(chunk, choice)
    if (usage) this.usage.add(usage)
    if (choice) this.takeChoice(choice)
  }

  /** A whole completion in one object. */
  takeWhole(completion: Fields): void {
    const [choice] = fieldsIn(completion.choices)
    this.take({ ...completion, choices: choice ? [{ ...choice, finish_reason: textIn(choice.finish_reason) || 'stop', delta: numbered(choice.message) }] : [] })
  }

  /** The upstream has nothing more to say. Without a reason to end before, the answer stays open: it is not whole. */
  end(): void {
    if (this.over || this.finish === null) return
    this.over = true
    this.tags.flush()
    this.tools.end()
    this.row.end()
    this.begin()
    const reason = stopReason(this.finish, { called: this.tools.any, refused: this.refused, matchedStop: this.matchedStop !== null })
    this.sink.finish({ stopReason: reason, stopSequence: reason === 'stop_sequence' ? this.matchedStop : null, usage: this.usage.toAnthropic() })
  }

  private takeChoice(choice: Fields): void {
    const [delta = {}] = fieldsIn([choice.delta ?? choice.message])
    const reasoning = reasoningIn(delta)
    if (reasoning !== '') this.prose('thinking', reasoning)
    for (const { kind, piece } of contentIn(delta)) {
      if (kind === 'text') this.tags.push(piece)
      else this.prose(kind, piece)
    }
    const refusal = textIn(delta.refusal)
    if (refusal !== '') {
      this.refused = true
      this.prose('text', refusal)
    }
    const calls = delta.function_call ? [{ index: -1, function: delta.function_call }] : fieldsIn(delta.tool_calls)
    if (calls.length > 0) this.tags.flush()
    for (const call of calls) this.callTool(call)
    this.takeFinish(choice)
  }

  private takeFinish(choice: Fields): void {
    const reason = textIn(choice.finish_reason)
    if (reason === '') return
    if (isFailure(reason)) return this.fail({ type: 'api_error', message: `The upstream ended its answer with "${reason}".`, said: reason })
    this.finish = reason
    // vLLM tells which stop sequence it met.
    const met = textIn(choice.stop_reason)
    if (this.o.stops.includes(met)) this.matchedStop = met
  }

  private callTool(call: Fields): void {
    this.tools.take(call)
    this.usage.wrote(textIn(asFields(call.function)?.arguments))
  }

  private prose(kind: 'text' | 'thinking', piece: string): void {
    this.usage.wrote(piece)
    this.row.prose(kind, piece)
  }

  private fail(failure: ChatError): void {
    this.over = true
    this.error = failure
    this.sink.error(failure.type, failure.message)
  }

  private begin(): void {
    if (this.begun) return
    this.begun = true
    this.sink.start(`msg_${this.id || this.o.uniqueId}`, this.o.model)
  }
}

/** Calls in one piece stand for themselves, whatever ids they have. */
function numbered(message: unknown): unknown {
  const [fields] = fieldsIn([message])
  return fields && { ...fields, tool_calls: fieldsIn(fields.tool_calls).map((call, index) => ({ ...call, index })) }
}
