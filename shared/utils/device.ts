const browsers: [string, RegExp][] = [
  ['Edge', /\bEdgA?\/(\d+)/], ['Opera', /\bOPR\/(\d+)/], ['Samsung Internet', /\bSamsungBrowser\/(\d+)/], ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/], ['Safari', /\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//], ['curl', /^curl\/(\d+)/],
]
const systems: [string, RegExp][] = [
  ['iPhone', /\biPhone\b/], ['iPad', /\biPad\b/], ['Android', /\bAndroid\b/], ['Windows', /\bWindows\b/], ['macOS', /\bMacintosh\b/], ['ChromeOS', /\bCrOS\b/], ['Linux', /\bLinux\b/],
]

/** Which browser and system a User-Agent names, roughly: to recognise an own device by. Null where it says nothing known. */
export function deviceOf(userAgent: string | null): { browser: string | null, system: string | null } {
  const text = userAgent ?? ''
  const browser = browsers.flatMap(([name, pattern]) => {
    const version = pattern.exec(text)?.[1]
    return version ? [`${name} ${version}`] : []
  }).at(0)
  return { browser: browser ?? null, system: systems.find(([, pattern]) => pattern.test(text))?.[0] ?? null }
}
