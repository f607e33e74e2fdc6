import { MessagePlugin } from 'tdesign-vue-next/es/message/plugin'

/** Short messages of the console, seen and read out. */
export function useNotice() {
  const announcement = useState('announcement', () => '')
  const { failureText } = useErrorText()

  function show(theme: 'success' | 'error', text: string): void {
    announcement.value = text
    void MessagePlugin[theme](text, theme === 'error' ? 8000 : 3000)
  }
  return {
    announcement,
    done: (text: string) => show('success', text),
    /** For whatever a call threw. */
    failed: (thrown: unknown) => show('error', failureText(thrown)),
  }
}
