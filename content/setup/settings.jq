["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"] as $names
| ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"] as $rivals
| def object: if type == "object" then . else error("no object") end;
  def pick($e): reduce $names[] as $name ({}; if $e | has($name) then .[$name] = $e[$name] else . end);
env as $given
| (if length == 0 then {} elif length == 1 then .[0] else error("more than one") end | object) as $all
| (if $all | has("env") then $all.env else {} end | object) as $env
| (if $given.RELAY_MEMORY == "" then null else $given.RELAY_MEMORY | fromjson | object end) as $old
| ($env.ANTHROPIC_BASE_URL != null and $env.ANTHROPIC_BASE_URL == (if $old then $old.relay else $given.RELAY_URL end)) as $ours
| if $given.RELAY_DO == "set" then
    (if $old and $ours then $old
      else { fresh: ($given.RELAY_FRESH == "1"), env: (if $all | has("env") then pick($env) else null end) } end
      | .relay = $given.RELAY_URL) as $memory
    | ($env | .ANTHROPIC_BASE_URL = $given.RELAY_URL | .ANTHROPIC_AUTH_TOKEN = $given.RELAY_KEY) as $new
    | [($rivals | map(. as $name | select($new | has($name))) | join(" ")), ($memory | tojson), ($all | .env = $new)]
  elif $ours | not then ["foreign", ($old | tojson), $all]
  else
    (if $old.env then pick($old.env) else {} end) as $back
    | (reduce $names[] as $name ($env; if $back | has($name) then .[$name] = $back[$name] else del(.[$name]) end)) as $new
    | (if $new == {} and ($old.env == null) then $all | del(.env) else $all | .env = $new end) as $result
    | [($back | keys + (if $result == {} and $old.fresh == true then ["empty"] else [] end) | join(" ")), ($old | tojson), $result]
  end
| .[]
