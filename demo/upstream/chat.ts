/** What an upstream of OpenAI's format sends: chunks of a stream, or one answer. */

export interface ChatAnswer { id: string, model: string, text: string, pieces: number, prompt: number, cached: number, output: number }

const usageOf = ({ prompt, cached, output }: ChatAnswer) => ({
  prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output, prompt_tokens_details: { cached_tokens: cached },
})

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** The events of a stream, in order. */
export function chatEvents(answer: ChatAnswer): string[] {
  const chunk = (delta: object, more: object = {}) => ({ id: answer.id, object: 'chat.completion.chunk', model: answer.model, choices: [{ index: 0, delta, finish_reason: null, ...more }] })
  const words = answer.text.split(' ')
  const size = Math.max(1, Math.ceil(words.length / answer.pieces))
  const texts = Array.from({ length: Math.ceil(words.length / size) }, (_, n) => words.slice(n * size, (n + 1) * size).join(' '))
  return [
    event(chunk({ role: 'assistant', content: '' })),
    ...texts.map(text => event(chunk({ content: `${text} ` }))),
    event(chunk({}, { finish_reason: 'stop' })),
    event({ id: answer.id, object: 'chat.completion.chunk', model: answer.model, choices: [], usage: usageOf(answer) }),
    'data: [DONE]\n\n',
  ]
}

export const chatJson = (answer: ChatAnswer): object => ({
  id: answer.id, object: 'chat.completion', model: answer.model, usage: usageOf(answer),
  choices: [{ index: 0, message: { role: 'assistant', content: answer.text }, finish_reason: 'stop' }],
})
