#!/bin/sh
# Points Claude Code at this relay: writes address and key into Claude Code's own settings file.
#   curl -fsSL '{{url}}/setup.sh' | sh                   sets up
#   curl -fsSL '{{url}}/setup.sh' | sh -s -- --undo      puts back what was there before
# The key comes from RELAY_KEY or ANTHROPIC_AUTH_TOKEN, else it is asked for. It is never given to a program as an argument.
# Needs curl or GNU wget, and node, jq or python3 unless the settings are still empty. What the two variables were before the
# first set-up is remembered in settings.json.before-relay, readable by you alone; undoing removes it.
set -eu
umask 077
LC_ALL=C
export LC_ALL
site='{{url}}'
relay="$site/claude-code"
line='
'

fail() {
  echo "setup: $1" >&2 || :
  exit 1
}

clean() {
  [ -z "${asking:-}" ] || stty echo < /dev/tty
  rm -f "${file:-}.new-$$" "${memory:-}.new-$$" "${rc:-}"
}

# Where the settings lie. A link stays one: what it leads to is changed.
find_settings() {
  folder="${CLAUDE_CONFIG_DIR:-${HOME:+$HOME/.claude}}"
  [ -n "$folder" ] || fail "neither HOME nor CLAUDE_CONFIG_DIR is set."
  shown="$folder/settings.json"
  memory="$shown.before-relay"
  file="$shown"
  hops=0
  while [ -L "$file" ]; do
    hops=$((hops + 1))
    [ "$hops" -lt 20 ] || fail "$shown is a link that leads nowhere. Nothing was changed."
    target=$(readlink "$file")
    case "$target" in
      /*) file="$target" ;;
      *) file="${file%/*}/$target" ;;
    esac
  done
  [ ! -d "$file" ] || fail "$shown is a folder, not a file. Nothing was changed."
  [ ! -e "$file" ] || [ -r "$file" ] || fail "$shown cannot be read. Nothing was changed."
  [ ! -e "$memory" ] || { [ -f "$memory" ] && [ -r "$memory" ]; } || fail "$memory cannot be read. Nothing was changed."
}

find_tool() {
  if node -e '' < /dev/null > /dev/null 2>&1; then tool=node
  elif jq -n env < /dev/null > /dev/null 2>&1; then tool=jq
  elif python3 -c '' < /dev/null > /dev/null 2>&1; then tool=python3
  else tool=none
  fi
}

# Reads settings on standard input. Prints a line of words on what it met, a line with what is to be remembered, and the new
# settings. RELAY_DO is "set" or "undo", RELAY_MEMORY what was remembered; only what is still this relay's is undone.
with_node() {
  node -e '{{settings.node}}'
}

with_jq() {
  jq -rs '{{settings.jq}}'
}

with_python3() {
  python3 -c '{{settings.python3}}'
}

# Without a tool for JSON: only where the settings are empty, or just as this function writes them.
with_none() {
  head="{$line  \"env\": {$line    \"ANTHROPIC_BASE_URL\": \"$relay\",$line    \"ANTHROPIC_AUTH_TOKEN\": \""
  tail="\"$line  }$line}"
  text=$(cat)
  key="${text#"$head"}"
  key="${key%"$tail"}"
  if [ -n "$text" ]; then
    [ "$text" = "$head$key$tail" ] || return 1
    case "$key" in *[!A-Za-z0-9_-]*) return 1 ;; esac
  fi
  case "$RELAY_MEMORY" in
    '') fresh="${RELAY_FRESH:+true}" ;;
    *'"fresh":true'*) fresh=true ;;
    *) fresh='' ;;
  esac
  memory_line="{\"fresh\":${fresh:-false},\"env\":null,\"relay\":\"$relay\"}"
  if [ "$RELAY_DO" = set ]; then printf '\n%s\n%s%s%s\n' "$memory_line" "$head" "$RELAY_KEY" "$tail"
  elif [ -n "$text" ]; then printf '%s\n%s\n{}\n' "${fresh:+empty}" "$memory_line"
  else printf 'foreign\n%s\n{}\n' "$memory_line"
  fi
}

change() {
  RELAY_DO="$1" RELAY_URL="$relay" RELAY_MEMORY='' RELAY_FRESH=''
  [ ! -e "$memory" ] || RELAY_MEMORY=$(cat "$memory")
  [ -e "$file" ] || RELAY_FRESH=1
  export RELAY_DO RELAY_URL RELAY_KEY RELAY_MEMORY RELAY_FRESH
  source_file="$file"
  [ -e "$file" ] || source_file=/dev/null
  result=$("with_$tool" < "$source_file" 2> /dev/null) || {
    [ "$tool" != none ] || fail "none of node, jq and python3 is here to change JSON with. Nothing was changed. By hand: $site/help/setup"
    [ -z "$RELAY_MEMORY" ] || fail "$shown or $memory is not valid JSON, or its \"env\" is no object. Nothing was changed. Mend it and try again."
    fail "$shown is not valid JSON, or its \"env\" is no object. Nothing was changed. Mend it and try again."
  }
  words="${result%%"$line"*}"
  result="${result#*"$line"}"
  remembered="${result%%"$line"*}"
  settings="${result#*"$line"}"
}

# Writes beside a file what is to take its place, with its mode.
stage() {
  [ ! -e "$1" ] || cp -p "$1" "$1.new-$$" 2> /dev/null || return 1
  { printf '%s\n' "$2" > "$1.new-$$"; } 2> /dev/null
}
commit() {
  mv -f "$1.new-$$" "$1" 2> /dev/null
}

read_key() {
  from=RELAY_KEY
  if [ -z "${RELAY_KEY:-}" ]; then
    case "${ANTHROPIC_AUTH_TOKEN:-}" in
      '' | sk-ant-*) ask_key ;;
      *)
        from=ANTHROPIC_AUTH_TOKEN
        RELAY_KEY="$ANTHROPIC_AUTH_TOKEN"
        ;;
    esac
  fi
  case "$RELAY_KEY" in
    '' | *[!A-Za-z0-9_-]*) fail "this is no key: letters, digits, - and _ only. Nothing was changed." ;;
  esac
}

ask_key() {
  from='what you typed'
  (: < /dev/tty) 2> /dev/null || fail "there is no terminal to ask for the key: give it as RELAY_KEY."
  command -v stty > /dev/null 2>&1 || fail "stty is not here to hide what you type: give the key as RELAY_KEY."
  asking=1
  stty -echo < /dev/tty
  printf 'Key (sk-..., not shown): ' > /dev/tty
  read -r RELAY_KEY < /dev/tty || RELAY_KEY=''
  stty echo < /dev/tty
  asking=''
  echo > /dev/tty
}

# Asks the relay for the key's models; `code` is the status of its answer.
check_key() {
  if command -v curl > /dev/null 2>&1; then
    code=$(printf 'header = "Authorization: Bearer %s"\n' "$RELAY_KEY" | curl -sS -m 20 -o /dev/null -w '%{http_code}' -K - "$relay/v1/models") || code=''
  else
    case "$(wget --version 2> /dev/null)" in
      *GNU\ Wget*) ask_by_wget ;;
      *) fail "neither curl nor GNU wget is here: install one of them. Nothing was changed." ;;
    esac
  fi
  case "$code" in
    200) ;;
    '') fail "$relay cannot be reached. Nothing was changed." ;;
    401) fail "the relay does not take this key (from $from). Nothing was changed. See $site/help/errors#key_invalid" ;;
    403) fail "this key may not be used from here (403). Nothing was changed. See $site/help/errors#ip_denied" ;;
    429) fail "too many tries from this address (429). Nothing was changed. Wait a minute, then try again." ;;
    *) fail "the relay answered $code. Nothing was changed. Try again later, or ask its operator." ;;
  esac
}

ask_by_wget() {
  rc="${TMPDIR:-/tmp}/relay-setup-$$"
  (set -C && printf 'header = Authorization: Bearer %s\nmax-redirect = 0\n' "$RELAY_KEY" > "$rc") 2> /dev/null || fail "$rc cannot be written. Nothing was changed."
  ended=0
  said=$(wget --config="$rc" -nv -S -t 1 -T 20 -O /dev/null "$relay/v1/models" 2>&1) || ended=$?
  rm -f "$rc"
  case "$ended" in
    0) code=200 ;;
    6) code=401 ;;
    *)
      code="${said%%"$line"*}"
      case "$code" in
        *HTTP/*) code="${code#*HTTP/* }" code="${code%%[!0-9]*}" ;;
        *) code='' ;;
      esac
      ;;
  esac
}

set_up() {
  change set
  mkdir -p "$folder" 2> /dev/null && [ -d "${file%/*}" ] || fail "the folder ${file%/*} cannot be made. Nothing was changed."
  stage "$memory" "$remembered" && stage "$file" "$settings" && commit "$memory" && commit "$file" ||
    fail "$shown cannot be written: look at its permissions and the space on the disk. Nothing was changed."
  echo "Written to $shown:"
  echo "  ANTHROPIC_BASE_URL    $relay"
  printf '  ANTHROPIC_AUTH_TOKEN  %.6s...\n' "$RELAY_KEY"
  warn
  echo "To put back what was there before, run this script with --undo: $site/help/setup#undo"
  echo "Start Claude Code anew: claude"
}

# What can get in the way of the two variables.
warn() {
  [ -z "${ANTHROPIC_API_KEY:-}" ] || words="$words ANTHROPIC_API_KEY"
  case " $words " in
    *" ANTHROPIC_API_KEY "*) echo "Note: ANTHROPIC_API_KEY is set as well, in $shown or in this shell. It conflicts: Claude Code warns of two keys. Take it out unless you need it." ;;
  esac
  case " $words ${CLAUDE_CODE_USE_BEDROCK:+CLAUDE_CODE_USE_} ${CLAUDE_CODE_USE_VERTEX:+CLAUDE_CODE_USE_} ${CLAUDE_CODE_USE_FOUNDRY:+CLAUDE_CODE_USE_}" in
    *CLAUDE_CODE_USE_*) echo "Note: a CLAUDE_CODE_USE_... variable is set. It wins: Claude Code asks that cloud and not this relay until you take it out." ;;
  esac
  case "$(ls -ldL "$file")" in
    ????------*) ;;
    *) echo "Note: others on this machine may be able to read $shown, and the key in it: chmod 600 '$shown'" ;;
  esac
}

put_back() {
  [ -e "$file" ] || fail "there is no $shown: nothing to undo."
  RELAY_KEY=''
  change undo
  case " $words " in
    *" foreign "*) fail "ANTHROPIC_BASE_URL in $shown is not what was set up here: it stays as it is. Nothing was changed." ;;
    *" empty "*) rm -f "$file" 2> /dev/null || fail "$shown cannot be removed. Nothing was changed." ;;
    *) stage "$file" "$settings" && commit "$file" || fail "$shown cannot be written: look at its permissions and the space on the disk. Nothing was changed." ;;
  esac
  rm -f "$memory"
  echo "Undone in $shown:"
  for name in ANTHROPIC_BASE_URL ANTHROPIC_AUTH_TOKEN; do
    case " $words " in
      *" $name "*) echo "  $name is what it was before" ;;
      *) echo "  $name is taken out" ;;
    esac
  done
}

main() {
  case "$#:${1:-}" in
    0:) ;;
    1:--undo) ;;
    *) fail "the only option is --undo." ;;
  esac
  find_settings
  find_tool
  if [ $# -eq 1 ]; then
    put_back
    return
  fi
  read_key
  check_key
  set_up
}

trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# All of it has to be there before any of it runs.
main "$@"
