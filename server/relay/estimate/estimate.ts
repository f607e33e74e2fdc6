/** Counts the tokens of a text as the tokenizer at hand makes them. */
export type CountText = (text: string) => number

/** Claude's tokenizers make about a fifth more tokens of the same text than o200k_base, which does the counting. */
const FACTOR = 1.2
const PER_MESSAGE = 4
const PER_TOOL = 8
/** What the upstream itself adds to a request with tools. */
const TOOLS_PROMPT = 340
const PER_IMAGE = 1_600
const PER_PDF_PAGE = 2_000
/** Bytes of a PDF that hold about one page. */
const PDF_PAGE_BYTES = 50_000
/** Text beyond this is not counted but taken to be like the text before it. */
const MAX_COUNTED = 1_000_000
/** A tokenizer's time grows with the square of a word's length, and text without spaces is one word to it. */
const PIECE = 200

interface Sum { texts: string[], extra: number }
type Json = Record<string, unknown>

const isRecord = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it)
const listOf = (it: unknown): unknown[] => Array.isArray(it) ? it : []
const text = (it: unknown): string => typeof it === 'string' ? it : ''

/** About how many input tokens a body of the Messages API has. Parts of it that make no sense count as none. */
export function estimateTokens(body: unknown, countText: CountText): number {
  const sum: Sum = { texts: [], extra: 0 }
  if (isRecord(body)) {
    addContent(body.system, sum)
    for (const message of listOf(body.messages)) {
      sum.extra += PER_MESSAGE
      if (isRecord(message)) addContent(message.content, sum)
    }
    const tools = listOf(body.tools)
    if (tools.length > 0) sum.extra += TOOLS_PROMPT
    for (const tool of tools) {
      sum.extra += PER_TOOL
      sum.texts.push(JSON.stringify(tool))
    }
  }
  return Math.max(1, Math.ceil(countAll(sum.texts, countText) * FACTOR + sum.extra))
}

/** A text, or blocks. */
function addContent(content: unknown, sum: Sum): void {
  if (typeof content === 'string') sum.texts.push(content)
  for (const block of listOf(content)) if (isRecord(block)) addBlock(block, sum)
}

function addBlock(block: Json, sum: Sum): void {
  switch (block.type) {
    case 'text': return void sum.texts.push(text(block.text))
    case 'thinking': return void sum.texts.push(text(block.thinking))
    case 'redacted_thinking': return
    case 'image': return void (sum.extra += PER_IMAGE)
    case 'document': return addDocument(block, sum)
    case 'tool_result':
    case 'search_result': return addContent(block.content, sum)
    case 'tool_use': return void sum.texts.push(text(block.name), JSON.stringify(block.input ?? {}))
    default: return void sum.texts.push(JSON.stringify({ ...block, cache_control: undefined }))
  }
}

function addDocument({ source, title, context }: Json, sum: Sum): void {
  sum.texts.push(text(title), text(context))
  if (!isRecord(source)) return
  if (source.type === 'base64') sum.extra += Math.ceil(text(source.data).length * 0.75 / PDF_PAGE_BYTES) * PER_PDF_PAGE
  else if (source.type === 'text') sum.texts.push(text(source.data))
  else if (source.type === 'content') addContent(source.content, sum)
  else sum.extra += PER_PDF_PAGE
}

function countAll(texts: string[], countText: CountText): number {
  const length = texts.reduce((sum, one) => sum + one.length, 0)
  let counted = 0
  let tokens = 0
  for (const one of texts) {
    for (const piece of piecesOf(one)) {
      if (counted >= MAX_COUNTED) return tokens * length / counted
      tokens += countText(piece)
      counted += piece.length
    }
  }
  return tokens
}

/** Pieces that end before a space where there is one. */
function* piecesOf(whole: string): Generator<string> {
  for (let at = 0; at < whole.length;) {
    const space = whole.length - at <= PIECE ? -1 : whole.lastIndexOf(' ', at + PIECE)
    const end = space > at ? space : at + PIECE
    yield whole.slice(at, end)
    at = end
  }
}
