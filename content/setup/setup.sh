#!/bin/sh
# Points Claude Code at this relay: writes address and key into Claude Code's own settings file.
#   curl -fsSL '{{url}}/setup.sh' | sh                   sets up
#   curl -fsSL '{{url}}/setup.sh' | sh -s -- --undo      takes it back
# The key comes from RELAY_KEY or ANTHROPIC_AUTH_TOKEN, else it is asked for. It is never given to a program as an argument.
set -eu
umask 077

relay='{{url}}/claude-code'
folder="${CLAUDE_CONFIG_DIR:-$HOME/.claude}"
file="$folder/settings.json"
backup="$folder/settings.json.before-relay"

fail() {
  echo "setup: $1" >&2
  exit 1
}

# Runs merge or unmerge over the settings on standard input, in whichever language is there. RELAY_URL and RELAY_KEY come by the environment.
change() {
  if command -v node > /dev/null 2>&1; then
    RELAY_DO="$1" RELAY_URL="$relay" node -e '
      const { RELAY_DO, RELAY_URL, RELAY_KEY } = process.env
      const all = JSON.parse(require("fs").readFileSync(0, "utf8").trim() || "{}")
      if (typeof all !== "object" || all === null || Array.isArray(all)) throw new Error("no object")
      const env = { ...all.env }
      if (RELAY_DO === "merge") Object.assign(env, { ANTHROPIC_BASE_URL: RELAY_URL, ANTHROPIC_AUTH_TOKEN: RELAY_KEY })
      else { delete env.ANTHROPIC_BASE_URL; delete env.ANTHROPIC_AUTH_TOKEN }
      all.env = env
      if (Object.keys(env).length === 0) delete all.env
      console.log(JSON.stringify(all, null, 2))' 2> /dev/null
  elif command -v python3 > /dev/null 2>&1; then
    RELAY_DO="$1" RELAY_URL="$relay" python3 -c '
import json, os, sys
settings = json.loads(sys.stdin.read().strip() or "{}")
env = dict(settings.get("env") or {})
if os.environ["RELAY_DO"] == "merge":
    env.update(ANTHROPIC_BASE_URL=os.environ["RELAY_URL"], ANTHROPIC_AUTH_TOKEN=os.environ["RELAY_KEY"])
else:
    env.pop("ANTHROPIC_BASE_URL", None)
    env.pop("ANTHROPIC_AUTH_TOKEN", None)
settings["env"] = env
if not env:
    del settings["env"]
print(json.dumps(settings, indent=2, ensure_ascii=False))' 2> /dev/null
  else
    return 1
  fi
}
command -v node > /dev/null 2>&1 || command -v python3 > /dev/null 2>&1 ||
  fail "neither node nor python3 is here to change JSON with. Add the two lines by hand: {{url}}/help/setup#user-settings"
command -v curl > /dev/null 2>&1 || fail "curl is not here: install it first."


write() {
  printf '%s\n' "$1" > "$file.new"
  mv "$file.new" "$file"
}

if [ "${1:-}" = --undo ]; then
  [ -e "$file" ] || fail "there is no $file: nothing to undo."
  settings=$(RELAY_KEY='' change unmerge < "$file") || fail "$file is not valid JSON: nothing was changed."
  write "$settings"
  echo "Taken out of $file: ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN."
  [ ! -e "$backup" ] || echo "What the file was before the first set-up stays in $backup."
  exit 0
fi
[ $# -eq 0 ] || fail "the only option is --undo."

RELAY_KEY="${RELAY_KEY:-${ANTHROPIC_AUTH_TOKEN:-}}"
if [ -z "$RELAY_KEY" ]; then
  { : < /dev/tty; } 2> /dev/null || fail "no terminal to ask for the key: give it as RELAY_KEY."
  printf 'Key (sk-…, not shown): ' > /dev/tty
  stty -echo < /dev/tty
  trap 'stty echo < /dev/tty' EXIT INT TERM
  IFS= read -r RELAY_KEY < /dev/tty
  stty echo < /dev/tty
  trap - EXIT INT TERM
  echo > /dev/tty
fi
case "$RELAY_KEY" in
  '' | *[!A-Za-z0-9_-]*) fail "this is no key: letters, digits, - and _ only. Nothing was changed." ;;
esac
export RELAY_KEY

status=$(printf 'header = "Authorization: Bearer %s"\n' "$RELAY_KEY" | curl -sS -m 20 -o /dev/null -w '%{http_code}' -K - "$relay/v1/models") || fail "$relay cannot be reached. Nothing was changed."
case "$status" in
  200) ;;
  401) fail "the relay does not take this key. Nothing was changed. See {{url}}/help/errors#key_invalid" ;;
  *) fail "the relay answered $status. Nothing was changed. Try again later, or ask its operator." ;;
esac

mkdir -p "$folder"
[ -e "$file" ] || printf '{}\n' > "$file"
settings=$(change merge < "$file") || fail "$file is not valid JSON: nothing was changed. Mend it, or set the variables as {{url}}/help/setup says."
[ -e "$backup" ] || cp "$file" "$backup"
write "$settings"

echo "Written to $file:"
echo "  ANTHROPIC_BASE_URL    $relay"
echo "  ANTHROPIC_AUTH_TOKEN  $(printf '%s' "$RELAY_KEY" | cut -c 1-6)…"
echo "Before: $backup. Start Claude Code anew: claude"
