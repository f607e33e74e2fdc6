import { chmod, lstat, mkdir, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { createSetupHome, type SetupHome } from '../helpers/setup-home'

const json = ['node', 'jq', 'python3']
const was = { model: 'opus', env: { OTHER: '世界 āĆ \u0001 😀', ANTHROPIC_BASE_URL: 'https://before.example', ANTHROPIC_AUTH_TOKEN: 'before', ANTHROPIC_API_KEY: 'its own' }, permissions: { allow: ['Bash(ls:*)'], deny: [] } }

describeWith(['shells'], 'setup.sh', () => {
  let relay: Relay
  let script: string
  let home: SetupHome
  beforeAll(async () => {
    relay = await startRelay()
    script = await (await fetch(`${relay.server.url}/setup.sh`)).text()
  })
  afterAll(async () => await relay?.close())
  beforeEach(async () => {
    home = await createSetupHome(script, relay.key.key)
  })
  afterEach(async () => {
    expect(await home.arguments(), 'the key is no program\'s argument').not.toContain(relay.key.key)
    await home.remove()
  })
  const given = () => ({ ANTHROPIC_BASE_URL: relay.server.relay, ANTHROPIC_AUTH_TOKEN: relay.key.key })
  const undo = { args: ['--undo'], key: '' }
  async function works(run: ReturnType<SetupHome['run']>): Promise<string> {
    const { code, output } = await run
    expect(code, output).toBe(0)
    expect(output).not.toContain(relay.key.key)
    return output
  }
  async function refuses(run: ReturnType<SetupHome['run']>, words: string): Promise<void> {
    const { code, output } = await run
    expect([code, output]).toEqual([1, expect.stringContaining(words)])
  }

  describe.each(['dash', 'bash', 'zsh'].flatMap(shell => json.map(tool => [shell, tool] as const)))('in %s, with %s', (shell, tool) => {
    const how = { shell, tools: ['curl', tool] }

    test('sets up a fresh home, again, and leaves nothing behind', async () => {
      await works(home.run(how))
      expect(await home.settings()).toEqual({ env: given() })
      expect([await home.mode(home.settingsFile), await home.mode(home.memoryFile), await home.mode(dirname(home.settingsFile))]).toEqual([0o600, 0o600, 0o700])
      expect(await readFile(home.memoryFile, 'utf8')).not.toContain(relay.key.key)
      await works(home.run(how))
      expect(await home.settings()).toEqual({ env: given() })
      await works(home.run({ ...how, ...undo }))
      expect(await home.files()).toEqual([])
    })

    test('keeps what else is there, and puts back what was before the first time', async () => {
      await home.put(was, 0o640)
      const output = await works(home.run(how))
      expect(output).toContain('ANTHROPIC_API_KEY is set as well')
      expect(await home.settings()).toEqual({ ...was, env: { ...was.env, ...given() } })
      await works(home.run(how))
      await works(home.run({ ...how, ...undo }))
      expect(JSON.stringify(await home.settings())).toBe(JSON.stringify(was))
      expect([await home.mode(home.settingsFile), await home.files()]).toEqual([0o640, ['settings.json']])
    })

    test('undoes beside what was changed since', async () => {
      await home.put({ env: {} })
      await works(home.run(how))
      await home.put({ theme: 'dark', env: { MORE: '1', ...given() } })
      await works(home.run({ ...how, ...undo }))
      expect(await home.settings()).toEqual({ theme: 'dark', env: { MORE: '1' } })
    })

    test('leaves an address alone that was changed since, and takes it for what was before next time', async () => {
      await works(home.run(how))
      const own = { env: { ANTHROPIC_BASE_URL: 'https://own.example', ANTHROPIC_AUTH_TOKEN: 'own' } }
      await home.put(own)
      await refuses(home.run({ ...how, ...undo }), 'it stays as it is')
      expect(await home.settings()).toEqual(own)
      await works(home.run(how))
      await works(home.run({ ...how, ...undo }))
      expect(await home.settings()).toEqual(own)
    })

    test('changes nothing when what it remembers is damaged', async () => {
      await works(home.run(how))
      const before = await home.settings()
      for (const text of ['{ "relay": ', '[]']) {
        await writeFile(home.memoryFile, text)
        await refuses(home.run(how), 'before-relay is not valid JSON')
        await refuses(home.run({ ...how, ...undo }), 'before-relay is not valid JSON')
        expect([await home.settings(), await readFile(home.memoryFile, 'utf8')]).toEqual([before, text])
      }
    })

    test.each([
      ['that are broken', '{ "env": '], ['that are a list', '[1]'], ['that are two', '{} {}'], ['with a list of variables', '{"env":[]}'], ['with text after them', '{"env":{}} x'],
    ])('changes nothing in settings %s', async (_what, text) => {
      await home.put(text)
      await refuses(home.run(how), 'not valid JSON')
      await refuses(home.run({ ...how, ...undo }), 'not valid JSON')
      expect([await readFile(home.settingsFile, 'utf8'), await home.files()]).toEqual([text, ['settings.json']])
    })
  })

  test.each(['dash', 'bash', 'zsh'])('in %s, does with wget where curl is not', async (shell) => {
    const how = { shell, tools: ['wget', 'node'] }
    await refuses(home.run({ ...how, key: 'sk-nobody-has-this-key' }), 'does not take this key')
    await works(home.run(how))
    expect(await home.settings()).toEqual({ env: given() })
    expect(await home.arguments()).toContain('/v1/models')
  })

  test('does without any tool for JSON where the settings are new', async () => {
    const how = { tools: ['curl'] }
    for (let turn = 0; turn < 2; turn++) await works(home.run(how))
    expect(await home.settings()).toEqual({ env: given() })
    await works(home.run({ ...how, ...undo }))
    expect(await home.files()).toEqual([])
    await home.put(was)
    await refuses(home.run(how), 'none of node, jq and python3')
    await refuses(home.run({ ...how, ...undo }), 'none of node, jq and python3')
    expect(await home.settings()).toEqual(was)
  })

  test('says what it needs for the net', async () => {
    await refuses(home.run({ tools: ['node'] }), 'neither curl nor GNU wget')
  })

  test.each([['a wrong key', 'sk-nobody-has-this-key', 'does not take this key'], ['no key at all', 'x\'; rm -rf /', 'this is no key']])('refuses %s and changes nothing', async (_what, key, words) => {
    await refuses(home.run({ key }), words)
    await expect(home.files()).rejects.toThrow('ENOENT')
  })

  test('takes the key of the shell, but not one of Anthropic\'s', async () => {
    await works(home.run({ key: '', env: { ANTHROPIC_AUTH_TOKEN: relay.key.key } }))
    await refuses(home.run({ key: '', env: { ANTHROPIC_AUTH_TOKEN: 'sk-ant-api03-not-for-relays' } }), 'no terminal to ask')
  })

  test('warns of what wins over it', async () => {
    expect(await works(home.run({ env: { CLAUDE_CODE_USE_BEDROCK: '1', ANTHROPIC_API_KEY: 'other' } }))).toMatch(/ANTHROPIC_API_KEY is set[\s\S]+CLAUDE_CODE_USE_\.\.\. variable is set/)
  })

  test('works in the folder that CLAUDE_CONFIG_DIR names', async () => {
    const folder = join(home.dir, 'my config')
    const env = { CLAUDE_CONFIG_DIR: folder }
    await works(home.run({ env }))
    expect(JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'))).toEqual({ env: given() })
    await works(home.run({ env, ...undo }))
    await expect(home.files()).rejects.toThrow('ENOENT')
  })

  test('undoing without a set-up, or twice, does no harm', async () => {
    await refuses(home.run(undo), 'nothing to undo')
    await home.put(was)
    await refuses(home.run(undo), 'it stays as it is')
    expect(await home.settings()).toEqual(was)
    // Set up by hand, or by a copy of the script that remembered nothing.
    await home.put({ env: { KEEP: '1', ...given() } })
    await works(home.run(undo))
    expect(await home.settings()).toEqual({ env: { KEEP: '1' } })
  })

  test.each(['absolute', 'relative'])('changes what an %s link leads to, and leaves it a link', async (kind) => {
    await home.put(was)
    const real = join(home.dir, 'dotfiles', 'claude.json')
    await mkdir(dirname(real))
    await rename(home.settingsFile, real)
    await symlink(kind === 'absolute' ? real : '../dotfiles/claude.json', home.settingsFile)
    await works(home.run())
    expect((await lstat(home.settingsFile)).isSymbolicLink()).toBe(true)
    expect(JSON.parse(await readFile(real, 'utf8'))).toEqual({ ...was, env: { ...was.env, ...given() } })
    await works(home.run(undo))
    expect(JSON.parse(await readFile(real, 'utf8'))).toEqual(was)
    await unlink(home.settingsFile)
    await symlink(home.settingsFile, home.settingsFile)
    await refuses(home.run(), 'leads nowhere')
  })

  test('changes nothing where a folder lies in the file\'s place, or a file in the folder\'s', async () => {
    await mkdir(home.settingsFile, { recursive: true })
    await refuses(home.run(), 'is a folder, not a file')
    await refuses(home.run(undo), 'is a folder, not a file')
    const file = join(home.dir, 'file')
    await writeFile(file, 'mine')
    await refuses(home.run({ env: { CLAUDE_CONFIG_DIR: file } }), 'cannot be made')
    expect(await readFile(file, 'utf8')).toBe('mine')
  })

  test.each([['that it may not write to', { asNobody: true }], ['on a disk that is full', { isFull: true }]])('changes nothing in a folder %s', async (_what, how) => {
    await home.put(was)
    const folder = dirname(home.settingsFile)
    if ('asNobody' in how) await chmod(folder, 0o555)
    await refuses(home.run(how), 'cannot be written')
    expect([await home.settings(), await home.files()]).toEqual([was, ['settings.json']])
    await chmod(folder, 0o755)
    await works(home.run('asNobody' in how ? how : {}))
    const after = await home.settings()
    if ('asNobody' in how) await chmod(folder, 0o555)
    await refuses(home.run({ ...how, ...undo }), 'cannot be written')
    expect([await home.settings(), await home.files()]).toEqual([after, ['settings.json', 'settings.json.before-relay']])
    await chmod(folder, 0o755)
  })

  test('runs not at all when a part of it is missing', async () => {
    const part = await createSetupHome(script.slice(0, -'main "$@"\n'.length), relay.key.key)
    expect((await part.run()).output).toBe('')
    await expect(part.files()).rejects.toThrow('ENOENT')
    await part.remove()
  })
})
