# Points Claude Code at this relay: writes address and key into Claude Code's own settings file.
#   irm '{{url}}/setup.ps1' | iex                                         sets up
#   $env:RELAY_UNDO = '1'; irm '{{url}}/setup.ps1' | iex                  takes it back
# The key comes from RELAY_KEY or ANTHROPIC_AUTH_TOKEN, else it is asked for.
& {
  $ErrorActionPreference = 'Stop'
  $relay = '{{url}}/claude-code'
  $folder = if ($env:CLAUDE_CONFIG_DIR) { $env:CLAUDE_CONFIG_DIR } else { Join-Path $HOME '.claude' }
  $file = Join-Path $folder 'settings.json'
  $backup = "$file.before-relay"
  $undo = [bool]$env:RELAY_UNDO
  $utf8 = New-Object System.Text.UTF8Encoding $false

  if (-not $undo) {
    $key = if ($env:RELAY_KEY) { $env:RELAY_KEY } elseif ($env:ANTHROPIC_AUTH_TOKEN) { $env:ANTHROPIC_AUTH_TOKEN } else {
      $secret = Read-Host 'Key (sk-..., not shown)' -AsSecureString
      (New-Object System.Net.NetworkCredential '', $secret).Password
    }
    if ($key -notmatch '^[A-Za-z0-9_-]+$') { throw 'This is no key: letters, digits, - and _ only. Nothing was changed.' }
    try { $null = Invoke-RestMethod "$relay/v1/models" -Headers @{ Authorization = "Bearer $key" } -TimeoutSec 20 }
    catch { throw "The relay does not take this key or cannot be reached: $($_.Exception.Message) Nothing was changed. See {{url}}/help/errors" }
  }

  $settings = New-Object PSObject
  if (Test-Path $file) {
    $text = [System.IO.File]::ReadAllText($file)
    if ($text.Trim()) {
      try { $settings = $text | ConvertFrom-Json } catch { throw "$file is not valid JSON: nothing was changed. Mend it first." }
    }
    if (-not $undo -and -not (Test-Path $backup)) { Copy-Item $file $backup }
  } elseif ($undo) { throw "There is no ${file}: nothing to undo." }
  $null = New-Item -ItemType Directory -Force $folder

  if (-not $settings.PSObject.Properties['env']) { $settings | Add-Member env (New-Object PSObject) }
  foreach ($name in 'ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN') { $settings.env.PSObject.Properties.Remove($name) }
  if (-not $undo) {
    $settings.env | Add-Member ANTHROPIC_BASE_URL $relay
    $settings.env | Add-Member ANTHROPIC_AUTH_TOKEN $key
  }
  [System.IO.File]::WriteAllText("$file.new", ($settings | ConvertTo-Json -Depth 50) + "`n", $utf8)
  Move-Item -Force "$file.new" $file

  if ($undo) { Write-Host "Taken out of ${file}: ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN." }
  else {
    Write-Host "Written to ${file}:"
    Write-Host "  ANTHROPIC_BASE_URL    $relay"
    Write-Host "  ANTHROPIC_AUTH_TOKEN  $($key.Substring(0, [Math]::Min(6, $key.Length)))..."
    Write-Host 'Start Claude Code anew: claude'
  }
}
