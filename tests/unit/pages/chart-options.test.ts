import { afterEach, describe, expect, it, vi } from 'vitest'
import { ringOption, shortLabel, trendOption, type ChartTheme, type TrendSeries } from '../../../composables/chart-options'

const theme: ChartTheme = { text: '#111', line: '#222', ground: '#fff', palette: ['#a', '#b'], rest: '#c' }
const series = (given: Partial<TrendSeries> = {}): TrendSeries => ({
  name: 'Cost', values: [1, 2], kind: 'area', color: 0, axis: 'left', format: value => `$${value}`, short: value => `${value}$`, ...given,
})

interface Option {
  yAxis: { position: string, max?: number, minInterval?: number, axisLabel: { formatter: (value: number) => string } }[]
  series: { yAxisIndex: number, color: string, data: { itemStyle: { color: string } }[] }[]
  tooltip: { formatter: (given: unknown) => Node }
}
const trend = (lines: TrendSeries[], labels = ['2026-01-05', '2026-01-06']) => trendOption({ labels, series: lines }, theme) as unknown as Option

/** As much of an element as the tooltip needs. */
class Node {
  children: (Node | string)[] = []
  style = { cssText: '' }
  set textContent(text: string) { this.children = [text] }
  appendChild(child: Node): Node {
    this.children.push(child)
    return child
  }

  append(text: string): void { this.children.push(text) }
  text(): string[] { return this.children.flatMap(child => (typeof child === 'string' ? [child] : child.text())) }
}
afterEach(() => vi.unstubAllGlobals())

describe('a trend', () => {
  it('has an axis for each side that is used, in the unit of its series', () => {
    const option = trend([series(), series({ name: 'Requests', axis: 'right', short: value => `${value} r` })])
    expect(option.yAxis.map(({ position, axisLabel }) => [position, axisLabel.formatter(3)])).toEqual([['left', '3$'], ['right', '3 r']])
    expect(option.series.map(({ yAxisIndex }) => yAxisIndex)).toEqual([0, 1])
    expect(trend([series({ axis: 'right' })]).series[0]!.yAxisIndex).toBe(0)
  })

  it('without any value has no scale made up', () => {
    const option = trend([series({ values: [0, 0] }), series({ axis: 'right' })])
    expect(option.yAxis.map(({ max }) => max)).toEqual([1, undefined])
  })

  it('counts few things in whole steps', () => {
    const option = trend([series({ values: [0, 1], whole: true }), series({ axis: 'right', values: [0, 9], whole: true })])
    expect(option.yAxis.map(({ max, minInterval }) => [max, minInterval])).toEqual([[4, 1], [undefined, 1]])
  })

  it('tells a step with its whole label, each amount with its unit, and a name as text', () => {
    vi.stubGlobal('document', { createElement: () => new Node() })
    const box = trend([series({ name: '<img src=x onerror=alert(1)>' })]).tooltip.formatter([{ seriesIndex: 0, dataIndex: 1 }])
    expect(box.text()).toEqual(['2026-01-06', '<img src=x onerror=alert(1)>', '$2'])
  })
})

describe('a ring', () => {
  it('gives the rest its own colour, and begins the palette again after its end', () => {
    const { series: [pie] } = ringOption([{ name: 'a', value: 3 }, { name: 'b', value: 2 }, { name: 'c', value: 1 }, { name: 'others', value: 1, rest: true }], String, String, theme) as unknown as Option
    expect(pie!.data.map(({ itemStyle }) => itemStyle.color)).toEqual(['#a', '#b', '#a', '#c'])
  })

  it('tells a part with its amount and share', () => {
    vi.stubGlobal('document', { createElement: () => new Node() })
    const option = ringOption([{ name: 'a', value: 3 }, { name: 'b', value: 1 }], value => `$${value}`, part => `${part * 100}%`, theme) as unknown as Option
    expect(option.tooltip.formatter({ dataIndex: 1 }).text()).toEqual(['b', '$1', '25%'])
  })
})

it.each([['2026-01-05', '01-05'], ['2026-01-05 13:00', '01-05 13:00'], ['2026-01', '2026-01']])('the label %s is short as %s', (label, short) => {
  expect(shortLabel(label)).toBe(short)
})
