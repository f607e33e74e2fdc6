/** A change of one place in the source that some test must notice. */
export interface Mutant { file: string, from: string, to: string, what: string }

/** Of the files that make up the state machine of answers; each `from` stands in its file exactly once. */
export const mutants: readonly Mutant[] = [
  { what: 'an end without a reason is an end', file: 'machine.ts', from: 'if (this.over || this.finish === null) return', to: 'if (this.over) return; this.finish ??= \'stop\'' },
  { what: 'an error is passed over', file: 'machine.ts', from: 'if (failure) return this.fail(failure)', to: 'if (failure) return' },
  { what: 'chunks after an error count', file: 'machine.ts', from: '    this.over = true\n    this.error = failure', to: '    this.error = failure' },
  { what: 'usage is not read', file: 'machine.ts', from: 'if (usage) this.usage.add(usage)', to: '' },
  { what: 'tags wait for ever before a call', file: 'machine.ts', from: '    this.tags.flush()\n    this.tools.end()', to: '    this.tools.end()' },
  { what: 'cached tokens count twice', file: 'usage.ts', from: 'inputTokens: this.prompt - cached - written', to: 'inputTokens: this.prompt' },
  { what: 'zero wipes out a count', file: 'usage.ts', from: 'count(raw.completion_tokens) || this.completion', to: 'count(raw.completion_tokens)' },
  { what: 'blocks are not counted on', file: 'blocks.ts', from: 'this.sink.close(this.index++)', to: 'this.sink.close(this.index)' },
  { what: 'the next block does not wait', file: 'blocks.ts', from: 'block.sealed || (block.open && block.args.complete)', to: 'true' },
  { what: 'what waited is lost', file: 'blocks.ts', from: 'if (block.waiting !== \'\') this.sink.piece(this.index, block.type, block.waiting)', to: '' },
  { what: 'blank blocks are opened', file: 'blocks.ts', from: 'block.waiting.trim() !== \'\'', to: 'block.waiting !== \'\'' },
  { what: 'the last block stays open', file: 'blocks.ts', from: 'if (last) this.close(last)', to: '' },
  { what: 'repeated arguments are added', file: 'arguments.ts', from: 'if (piece === \'\' || this.complete) return \'\'', to: 'if (piece === \'\') return \'\'' },
  { what: 'snapshots are added', file: 'arguments.ts', from: 'this.snapshots = piece.startsWith(before)', to: 'this.snapshots = false' },
  { what: 'braces inside strings count', file: 'arguments.ts', from: 'else if (code === 34) this.inString = true', to: '' },
  { what: 'no arguments are no object', file: 'arguments.ts', from: 'this.all === \'\' ? this.add(\'{}\') : \'\'', to: '\'\'' },
  { what: 'ids keep their odd letters', file: 'tool-calls.ts', from: '.replace(/[^a-zA-Z0-9_-]/g, \'_\')', to: '' },
  { what: 'an id is given twice', file: 'tool-calls.ts', from: 'this.ids.add(chosen)', to: '' },
  { what: 'every call 0 is one call', file: 'tool-calls.ts', from: 'return call.id === \'\' || call.id === id ? call : undefined', to: 'return call' },
  { what: 'a piece of a closing tag is text', file: 'think-tags.ts', from: 'const keep = tagBegun(all)', to: 'const keep = 0' },
  { what: 'a tag in the middle begins thinking', file: 'think-tags.ts', from: 'this.state = \'text\'\n      this.give(\'text\', all)', to: 'this.give(\'text\', all)' },
  { what: 'a call is an end of the turn', file: 'finish.ts', from: 'if (called) return \'tool_use\'', to: '' },
  { what: 'lines end with LF only', file: 'sse-data.ts', from: 'bytes[bytes.length - 1] === CR', to: 'bytes[bytes.length - 1] === -1' },
  { what: 'lines of one event are not joined', file: 'sse-data.ts', from: 'data.join(\'\\n\')', to: 'data[0]!' },
  { what: 'a cut line is forgotten', file: 'sse-data.ts', from: 'if (start < chunk.length) line.push(chunk.subarray(start))', to: '' },
]
