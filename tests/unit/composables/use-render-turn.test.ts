import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { expect, it } from 'vitest'
import { useRenderTurn } from '~/composables/use-render-turn'

/** Counts the turns of the event loop until it is told to end. */
function countTurns(): { now: () => number, end: () => void } {
  let turns = 0
  let on = true
  const next = (): void => {
    turns++
    if (on) setImmediate(next)
  }
  setImmediate(next)
  return { now: () => turns, end: () => on = false }
}

it('renders each large part of a page in a turn of its own, in the order of the page, also when two pages are rendered at once', async () => {
  const counter = countTurns()
  const drawn: { part: string, turn: number }[] = []
  const Part = defineComponent({
    props: { name: { type: String, required: true } },
    setup(props) {
      useRenderTurn()
      return () => {
        drawn.push({ part: props.name, turn: counter.now() })
        return h('p', props.name)
      }
    },
  })
  const page = (name: string) => createSSRApp({ render: () => h('main', [h(Part, { name: `${name}1` }), h('hr'), h(Part, { name: `${name}2` })]) })
  const html = await Promise.all([renderToString(page('a')), renderToString(page('b'))]).finally(counter.end)

  expect(html).toEqual(['<main><p>a1</p><hr><p>a2</p></main>', '<main><p>b1</p><hr><p>b2</p></main>'])
  expect(drawn.map(({ part }) => part).sort()).toEqual(['a1', 'a2', 'b1', 'b2'])
  expect(new Set(drawn.map(({ turn }) => turn)).size).toBe(4)
})
