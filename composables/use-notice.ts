/** A short message: seen, read out, and with an action taken back for a while. */
export interface Notice {
  id: number
  theme: 'success' | 'error'
  text: string
  undo?: () => Promise<unknown>
}

const SHOWN_MS = { success: 4_000, error: 9_000 }
/** Long enough to find the button by keyboard. */
const UNDO_MS = 12_000
const MAX_NOTICES = 4
let last = 0

/** How long a notice stands when nobody rests on it, milliseconds. */
export const noticeTime = ({ theme, undo }: Notice): number => undo ? UNDO_MS : SHOWN_MS[theme]

/** Short messages of the console; `ConsoleNotices` shows them. */
export function useNotice() {
  const notices = useState<Notice[]>('notices', () => [])
  const announcement = useState('announcement', () => '')
  const { failureText } = useErrorText()

  function show(notice: Omit<Notice, 'id'>): void {
    announcement.value = notice.text
    notices.value = [...notices.value, { id: ++last, ...notice }].slice(-MAX_NOTICES)
  }
  return {
    notices,
    announcement,
    /** `undo` takes it back; what it throws is shown. */
    done: (text: string, undo?: Notice['undo']) => show({ theme: 'success', text, undo }),
    /** For whatever a call threw. */
    failed: (thrown: unknown) => show({ theme: 'error', text: failureText(thrown) }),
    drop: (id: number) => {
      notices.value = notices.value.filter(notice => notice.id !== id)
    },
  }
}
