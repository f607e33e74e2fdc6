/** A form field described by the server and drawn by the console. Labels are i18n keys. */
export interface FormField {
  /** Path in the request body, e.g. `credentials.apiKey`. */
  name: string
  kind: 'text' | 'url' | 'secret' | 'number' | 'money' | 'lines' | 'switch' | 'select'
  label: string
  help?: string
  required?: boolean
  placeholder?: string
  /** What the number counts, shown behind it. */
  unit?: string
  options?: { value: string, label: string }[]
}
