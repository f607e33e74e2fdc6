import type { Nano } from '#shared/types/stats'
import {
  formatBytes, formatChange, formatCount, formatCountdown, formatDuration, formatExactMoney, formatMoney, formatMoneyShort, formatShare, formatTime, formatTokens,
} from '#shared/utils/format'

/** The one formatter of the pages: numbers, money and times in the language and zone in use. What is null becomes a dash. */
export function useFormat() {
  const { language } = useLanguage()
  const zone = useZone()
  return {
    zone,
    count: formatCount,
    tokens: (value: number) => formatTokens(value, language.value),
    /** Nano-USD with the digits that matter. */
    money: (nano: Nano) => formatMoney(Number(nano)),
    /** The same for cards and axes. */
    moneyShort: (nano: Nano) => formatMoneyShort(Number(nano), language.value),
    /** Pico-USD, every digit. */
    moneyExact: formatExactMoney,
    share: formatShare,
    change: formatChange,
    bytes: formatBytes,
    duration: (ms: number | null) => ms === null ? '–' : formatDuration(ms, language.value),
    countdown: (ms: number) => formatCountdown(ms, language.value),
    time: (at: number | null) => at === null ? '–' : formatTime(at, zone.value),
  }
}
