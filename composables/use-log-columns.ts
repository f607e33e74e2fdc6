import type { ListColumn } from './use-list'

/** The columns of settled requests, as `ConsoleLogTable` fills them. */
export function useLogColumns() {
  const { t } = useI18n()
  return (): ListColumn[] => [
    { key: 'time', title: t('logs.time'), fixed: true },
    { key: 'key', title: t('logs.key') },
    { key: 'account', title: t('logs.account') },
    { key: 'model', title: t('logs.model') },
    { key: 'outcome', title: t('logs.outcome') },
    { key: 'tokens', title: t('logs.tokens'), align: 'right' },
    { key: 'cost', title: t('logs.cost'), align: 'right' },
    { key: 'speed', title: t('logs.speed'), align: 'right' },
    { key: 'stream', title: t('logs.stream'), width: 70 },
  ]
}
