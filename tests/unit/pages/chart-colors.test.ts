import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync('assets/chart.css', 'utf8')
const [light = '', dark = ''] = css.split('[theme-mode="dark"]')
const colorsOf = (text: string) => Object.fromEntries([...text.matchAll(/--chart-(\w+): (#[0-9a-f]{6});/g)].map(match => [match[1]!, match[2]!]))
/** The grounds of TDesign's panels. */
const themes = [['light', colorsOf(light), '#ffffff'], ['dark', colorsOf(dark), '#242424']] as const

type Triple = [number, number, number]
const linear = (hex: string): Triple => [1, 3, 5].map((at) => {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}) as Triple
const times = (matrix: number[][], [r, g, b]: Triple): Triple => matrix.map(row => Math.min(1, Math.max(0, row[0]! * r + row[1]! * g + row[2]! * b))) as Triple
const luminance = ([r, g, b]: Triple) => 0.2126 * r + 0.7152 * g + 0.0722 * b

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b)
  return (lighter! + 0.05) / (darker! + 0.05)
}

/** Machado, Oliveira, Fernandes 2009, at full severity. */
const sight = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}

/** CIE L*a*b* of linear light. */
function lab(rgb: Triple): Triple {
  const [x, y, z] = times([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8729]], rgb).map(value => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as Triple
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

describe.each(themes)('the colours of charts in the %s theme', (_, colors, ground) => {
  const palette = Object.entries(colors).filter(([name]) => name !== 'rest').map(([, color]) => color)

  it('stand out from the ground by 3 : 1', () => {
    expect(palette).toHaveLength(6)
    expect(Object.values(colors).filter(color => contrast(color, ground) < 3)).toEqual([])
  })

  it.each(Object.entries(sight))('are told apart with %s', (_, matrix) => {
    const seen = palette.map(color => lab(times(matrix, linear(color))))
    const close = palette.flatMap((one, i) => palette.slice(i + 1).flatMap((other, j) => (Math.hypot(...seen[i]!.map((value, at) => value - seen[i + 1 + j]![at]!)) < 15 ? [`${one} ${other}`] : [])))
    expect(close).toEqual([])
  })
})
