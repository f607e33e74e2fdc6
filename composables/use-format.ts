import { formatCountdown, formatDuration, formatTime, formatTokens } from '#shared/utils/format'

/** The formatters bound to the language and zone in use. */
export function useFormat() {
  const { language } = useLanguage()
  const zone = useZone()
  return {
    zone,
    tokens: (value: number) => formatTokens(value, language.value),
    duration: (ms: number | null) => ms === null ? '–' : formatDuration(ms, language.value),
    countdown: (ms: number) => formatCountdown(ms, language.value),
    time: (at: number | null) => at === null ? '–' : formatTime(at, zone.value),
  }
}
