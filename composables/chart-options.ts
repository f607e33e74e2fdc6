/** Colours that a chart takes from the page's theme. */
export interface ChartTheme {
  text: string
  line: string
  ground: string
  palette: string[]
  rest: string
}

export interface TrendSeries {
  name: string
  values: number[]
  kind: 'area' | 'line' | 'dashed'
  /** Place in the palette; series that belong together may share it. */
  color: number
  axis: 'left' | 'right'
  /** A value with its unit. */
  format: (value: number) => string
  /** The same for the axis. */
  short: (value: number) => string
  /** Counted in whole numbers: so is the axis. */
  whole?: boolean
}

export interface Trend {
  /** One for each step, local. */
  labels: string[]
  series: TrendSeries[]
}

export interface RingPart {
  name: string
  value: number
  /** Everything that is not shown on its own. */
  rest?: boolean
}

type TooltipItem = { seriesIndex: number, dataIndex: number }

/** `2026-01-05` as `01-05`, `2026-01-05 13:00` as `01-05 13:00`; months stay. */
export const shortLabel = (label: string): string => (/^\d{4}-\d\d-\d\d/.test(label) ? label.slice(5) : label)

export const colorOf = (theme: ChartTheme, place: number): string => theme.palette[place % theme.palette.length] ?? theme.rest

/** Steps along time over one or two axes. */
export function trendOption({ labels, series }: Trend, theme: ChartTheme): Record<string, unknown> {
  const sides = (['left', 'right'] as const).filter(side => series.some(({ axis }) => axis === side))
  return {
    ...base(theme),
    grid: { left: 4, right: 4, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltipOf(theme), trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: theme.text, width: 1 } },
      formatter: (items: TooltipItem[]) => tooltip(labels[items[0]?.dataIndex ?? 0] ?? '', items.map(({ seriesIndex, dataIndex }) => {
        const { name, values, format, color } = series[seriesIndex]!
        return { name, value: format(values[dataIndex] ?? 0), color: colorOf(theme, color) }
      })),
    },
    xAxis: {
      type: 'category', data: labels, boundaryGap: labels.length < 2, axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } }, axisLabel: { color: theme.text, hideOverlap: true, formatter: shortLabel },
    },
    yAxis: sides.map((side, index) => valueAxis(side, index === 0, series.filter(({ axis }) => axis === side), theme)),
    series: series.map(({ name, values, kind, color, axis }) => ({
      type: 'line', name, data: values, yAxisIndex: sides.indexOf(axis), smooth: 0.2, smoothMonotone: 'x', showSymbol: values.length < 2, symbolSize: 6,
      color: colorOf(theme, color), lineStyle: { width: kind === 'dashed' ? 1.5 : 2, type: kind === 'dashed' ? 'dashed' : 'solid' },
      areaStyle: kind === 'area' ? { opacity: 0.16 } : undefined, emphasis: { disabled: true },
    })),
  }
}

const AXIS_STEPS = 4

function valueAxis(side: 'left' | 'right', lines: boolean, series: TrendSeries[], theme: ChartTheme): Record<string, unknown> {
  const whole = series.every(each => each.whole)
  const largest = Math.max(0, ...series.flatMap(({ values }) => values))
  return {
    type: 'value', position: side, min: 0, splitNumber: AXIS_STEPS, minInterval: whole ? 1 : undefined,
    splitLine: { show: lines, lineStyle: { color: theme.line } },
    axisLabel: { color: theme.text, formatter: series[0]!.short },
    // Without any value the axis would count from 0 to 1 in steps that mean nothing, and few things would be counted in halves.
    max: whole && largest < AXIS_STEPS ? AXIS_STEPS : largest === 0 ? 1 : undefined,
  }
}

/** Shares of a whole, in the order given. */
export function ringOption(parts: RingPart[], format: (value: number) => string, share: (part: number) => string, theme: ChartTheme): Record<string, unknown> {
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  return {
    ...base(theme),
    tooltip: {
      ...tooltipOf(theme), trigger: 'item',
      formatter: ({ dataIndex }: TooltipItem) => {
        const part = parts[dataIndex]!
        return tooltip(part.name, [{ name: format(part.value), value: share(part.value / total), color: partColor(parts, dataIndex, theme) }])
      },
    },
    series: [{
      type: 'pie', radius: ['62%', '92%'], label: { show: false }, labelLine: { show: false }, emphasis: { scaleSize: 4 },
      itemStyle: { borderColor: theme.ground, borderWidth: 2 },
      data: parts.map(({ name, value }, index) => ({ name, value, itemStyle: { color: partColor(parts, index, theme) } })),
    }],
  }
}

const partColor = (parts: RingPart[], index: number, theme: ChartTheme): string => (parts[index]?.rest ? theme.rest : colorOf(theme, index))

const base = (theme: ChartTheme) => ({ backgroundColor: 'transparent', animationDuration: 300, textStyle: { fontFamily: 'inherit', color: theme.text }, aria: { enabled: false } })

const tooltipOf = (theme: ChartTheme) => ({ confine: true, backgroundColor: theme.ground, borderColor: theme.line, textStyle: { color: theme.text, fontSize: 12 }, padding: [8, 12] })

/** As elements, so that a name is never read as HTML. */
function tooltip(title: string, lines: { name: string, value: string, color: string }[]): HTMLElement {
  const box = document.createElement('div')
  const head = box.appendChild(document.createElement('strong'))
  head.textContent = title
  for (const { name, value, color } of lines) {
    const line = box.appendChild(document.createElement('div'))
    line.style.cssText = 'display:flex;gap:16px;justify-content:space-between;align-items:center;line-height:20px'
    const label = line.appendChild(document.createElement('span'))
    const mark = label.appendChild(document.createElement('span'))
    mark.style.cssText = `display:inline-block;width:8px;height:8px;border-radius:2px;margin-right:6px;background:${color}`
    label.append(name)
    line.appendChild(document.createElement('b')).textContent = value
  }
  return box
}
