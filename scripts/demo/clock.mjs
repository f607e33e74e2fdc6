// Moves the clock of a process, so that pictures show the same hour of the same weekday whenever they are taken:
//   node --import ./scripts/demo/clock.mjs?ahead=3600000 …
const ahead = Number(new URL(import.meta.url).searchParams.get('ahead'))
const System = Date

globalThis.Date = class extends System {
  constructor(...given) {
    if (given.length === 0) super(System.now() + ahead)
    else super(...given)
  }

  static now() {
    return System.now() + ahead
  }
}
