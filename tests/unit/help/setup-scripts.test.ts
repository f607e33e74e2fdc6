import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fillScript } from '#server/help/script'

const root = new URL('../../../content/setup/', import.meta.url).pathname
const fileText = (name: string) => readFileSync(join(root, name), 'utf8')
const pieces = readdirSync(root).filter(name => name.startsWith('settings.'))
const read = (file: string) => Promise.resolve(readdirSync(root).includes(file) ? fileText(file) : null)

describe('the set-up scripts', () => {
  test.each(['setup.sh', 'setup.ps1'])('%s is plain ASCII, whatever a shell takes its bytes for', async (name) => {
    const text = await fillScript(name, 'https://relay.example', read) ?? ''
    expect(text).toMatch(/^[\t\n\x20-\x7e]+$/)
    expect(text).not.toContain('{{')
    expect(text).not.toContain('\r')
    expect(text.endsWith('\n')).toBe(true)
  })

  test.each(pieces)('%s stands between single quotes and holds none', (name) => {
    expect(fileText(name)).not.toContain('\'')
    expect(fileText('setup.sh')).toContain(`'{{${name}}}'`)
  })

  test('an address cannot end its quotes, and is nothing but text', async () => {
    const text = await fillScript('setup.sh', 'https://relay.example/it\'s/$&/{{settings.jq}}', read) ?? ''
    expect(text).toContain('site=\'https://relay.example/it%27s/$&/{{settings.jq}}\'')
  })

  test('are there in whole or not at all', async () => {
    expect(await fillScript('setup.sh', 'https://relay.example', file => file === 'settings.jq' ? Promise.resolve(null) : read(file))).toBeNull()
    expect(await fillScript('nothing.sh', 'https://relay.example', read)).toBeNull()
  })
})

describe('setup.ps1', () => {
  const text = fileText('setup.ps1')
  const bare = text.replaceAll(/^\s*#.*$/gm, '').replaceAll(/`"/g, '').replaceAll(/'[^']*'/g, '').replaceAll(/"[^"]*"/g, '')

  test('is one block, so that a copy that was cut off runs not at all', () => {
    const code = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    expect([code[0], code.at(-1)]).toEqual(['& {', '}'])
    for (const [open, close] of ['{}', '()', '[]']) expect(bare.split(open!).length, open).toBe(bare.split(close!).length)
  })

  test('uses nothing that Windows PowerShell 5.1 lacks', () => {
    expect(bare).not.toMatch(/\?\?|\?\.|\?\[|&&|\|\||-AsHashtable|-NoEnumerate|-SkipHttpErrorCheck| \? /)
    expect(bare).not.toMatch(/Out-File|Set-Content|Add-Content|>>/)
    expect(text).toContain('ConvertTo-Json -InputObject $value -Depth 100')
    expect(text).toContain('System.Text.UTF8Encoding -ArgumentList $false, $true')
  })
})
