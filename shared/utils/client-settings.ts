/** The ways to tell Claude Code about a relay. */
export const shells = ['bash', 'powershell', 'settings'] as const
export type Shell = (typeof shells)[number]

/** Ready-to-paste client settings for the relay at an origin such as `https://relay.example`. */
export function clientSettings(shell: Shell, origin: string, key: string): string {
  const base = `${origin}/claude-code`
  switch (shell) {
    case 'bash': return [
      `export ANTHROPIC_BASE_URL='${base}'`,
      `export ANTHROPIC_AUTH_TOKEN='${key}'`,
    ].join('\n')
    case 'powershell': return [
      `$env:ANTHROPIC_BASE_URL = '${base}'`,
      `$env:ANTHROPIC_AUTH_TOKEN = '${key}'`,
    ].join('\n')
    case 'settings': return JSON.stringify({ env: { ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: key } }, null, 2)
  }
}
