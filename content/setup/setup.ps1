# Points Claude Code at this relay: writes address and key into Claude Code's own settings file.
#   irm '{{url}}/setup.ps1' | iex                                         sets up
#   $env:RELAY_UNDO = '1'; irm '{{url}}/setup.ps1' | iex                  puts back what was there before
# The key comes from RELAY_KEY or ANTHROPIC_AUTH_TOKEN, else it is asked for. What the two variables were before the first set-up is
# remembered in settings.json.before-relay; undoing removes it. For Windows PowerShell 5.1 and PowerShell 7 on Windows.
& {
  Set-StrictMode -Off
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue'
  $site = '{{url}}'
  $relay = "$site/claude-code"
  $undo = [bool]$env:RELAY_UNDO
  $env:RELAY_UNDO = $null
  $names = 'ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN'
  $utf8 = New-Object System.Text.UTF8Encoding -ArgumentList $false, $true

  if ($IsLinux -or $IsMacOS) { throw "This script is for Windows. Here: curl -fsSL '$site/setup.sh' | sh" }

  function Test-Object($value) { $null -ne $value -and $value.GetType().Name -eq 'PSCustomObject' }

  function Set-Value($object, $name, $value) {
    $property = $object.PSObject.Properties[$name]
    if ($property) { $property.Value = $value }
    else { Add-Member -InputObject $object -NotePropertyName $name -NotePropertyValue $value }
  }

  # An object of JSON in a file, an empty one where nothing is there.
  function Read-Object($path) {
    if (-not (Test-Path -LiteralPath $path)) { return New-Object PSObject }
    if (Test-Path -LiteralPath $path -PathType Container) { throw "$path is a folder, not a file. Nothing was changed." }
    try { $text = [System.IO.File]::ReadAllText($path, $utf8).Trim() }
    catch { throw "$path cannot be read, or is not UTF-8. Nothing was changed." }
    if (-not $text) { return New-Object PSObject }
    $options = @{}
    # Newer ones would make dates of texts that look like dates.
    if ((Get-Command ConvertFrom-Json).Parameters.ContainsKey('DateKind')) { $options.DateKind = 'String' }
    $value = $null
    if ($text.StartsWith('{')) {
      try { $value = ConvertFrom-Json -InputObject $text @options } catch { $value = $null }
    }
    if (-not (Test-Object $value)) { throw "$path is not valid JSON. Nothing was changed. Mend it and try again." }
    return $value
  }

  # Whole or not at all; what is there keeps its access rights.
  function Write-Object($path, $value) {
    $new = "$path.new-$PID"
    try {
      [System.IO.File]::WriteAllText($new, (ConvertTo-Json -InputObject $value -Depth 100) + "`n", $utf8)
      if (Test-Path -LiteralPath $path) { [System.IO.File]::Replace($new, $path, [NullString]::Value) }
      else { [System.IO.File]::Move($new, $path) }
    }
    catch {
      Remove-Item -LiteralPath $new -Force -ErrorAction SilentlyContinue
      throw "$path cannot be written: $($_.Exception.Message) Look at its access rights and the space on the disk."
    }
  }

  function Read-Key {
    if ($env:RELAY_KEY) { return $env:RELAY_KEY }
    if ($env:ANTHROPIC_AUTH_TOKEN -and -not $env:ANTHROPIC_AUTH_TOKEN.StartsWith('sk-ant-')) { return $env:ANTHROPIC_AUTH_TOKEN }
    $secret = Read-Host 'Key (sk-..., not shown)' -AsSecureString
    return (New-Object System.Net.NetworkCredential -ArgumentList '', $secret).Password.Trim()
  }

  # Asks the relay for the key's models.
  function Confirm-Key($key) {
    if ($key -notmatch '^[A-Za-z0-9_-]+$') { throw 'This is no key: letters, digits, - and _ only. Nothing was changed.' }
    try { $null = Invoke-WebRequest "$relay/v1/models" -UseBasicParsing -MaximumRedirection 0 -Headers @{ Authorization = "Bearer $key" } -TimeoutSec 20 }
    catch {
      $code = [int]$_.Exception.Response.StatusCode
      if ($code -eq 401) { throw "The relay does not take this key. Nothing was changed. See $site/help/errors#key_invalid" }
      if ($code -eq 403) { throw "This key may not be used from here (403). Nothing was changed. See $site/help/errors#ip_denied" }
      if ($code) { throw "The relay answered $code. Nothing was changed. Try again later, or ask its operator." }
      throw "$relay cannot be reached: $($_.Exception.Message) Nothing was changed."
    }
  }

  $folder = if ($env:CLAUDE_CONFIG_DIR) { $env:CLAUDE_CONFIG_DIR } else { Join-Path $HOME '.claude' }
  $folder = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($folder)
  $shown = Join-Path $folder 'settings.json'
  $memory = "$shown.before-relay"
  # A link stays one: what it leads to is changed.
  $file = $shown
  for ($hop = 0; $hop -lt 20; $hop++) {
    $item = Get-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue
    if (-not $item -or $item.LinkType -ne 'SymbolicLink') { break }
    $target = @($item.Target)[0]
    if (-not [System.IO.Path]::IsPathRooted($target)) { $target = Join-Path (Split-Path -Parent $file) $target }
    $file = $target
  }

  $fresh = -not (Test-Path -LiteralPath $file)
  if ($undo -and $fresh) { throw "There is no ${shown}: nothing to undo." }
  $settings = Read-Object $file
  $old = if (Test-Path -LiteralPath $memory) { Read-Object $memory } else { $null }
  $hadVariables = [bool]$settings.PSObject.Properties['env']
  $variables = if ($hadVariables) { $settings.env } else { New-Object PSObject }
  if (-not (Test-Object $variables)) { throw "`"env`" in $shown is no object. Nothing was changed. Mend it and try again." }
  $expected = if ($old) { $old.relay } else { $relay }
  $ours = $null -ne $variables.ANTHROPIC_BASE_URL -and $variables.ANTHROPIC_BASE_URL -ceq $expected

  if ($undo) {
    if (-not $ours) { throw "ANTHROPIC_BASE_URL in $shown is not what was set up here: it stays as it is. Nothing was changed." }
    $lines = foreach ($name in $names) {
      if ($old.env -and $old.env.PSObject.Properties[$name]) {
        Set-Value $variables $name $old.env.$name
        "  $name is what it was before"
      }
      else {
        $variables.PSObject.Properties.Remove($name)
        "  $name is taken out"
      }
    }
    if (@($variables.PSObject.Properties).Count -eq 0 -and -not $old.env) { $settings.PSObject.Properties.Remove('env') }
    if (@($settings.PSObject.Properties).Count -eq 0 -and $old.fresh) { Remove-Item -LiteralPath $file -Force }
    else { Write-Object $file $settings }
    if ($old) { Remove-Item -LiteralPath $memory -Force }
    Write-Host "Undone in ${shown}:"
    $lines | Write-Host
    return
  }

  $key = Read-Key
  Confirm-Key $key
  if (-not $old -or -not $ours) {
    $before = $null
    if ($hadVariables) {
      $before = New-Object PSObject
      foreach ($name in $names) { if ($variables.PSObject.Properties[$name]) { Set-Value $before $name $variables.$name } }
    }
    $old = New-Object PSObject -Property @{ fresh = $fresh; env = $before }
  }
  Set-Value $old 'relay' $relay
  Set-Value $variables 'ANTHROPIC_BASE_URL' $relay
  Set-Value $variables 'ANTHROPIC_AUTH_TOKEN' $key
  Set-Value $settings 'env' $variables
  $null = New-Item -ItemType Directory -Force -Path $folder
  Write-Object $memory $old
  Write-Object $file $settings

  Write-Host "Written to ${shown}:"
  Write-Host "  ANTHROPIC_BASE_URL    $relay"
  Write-Host "  ANTHROPIC_AUTH_TOKEN  $($key.Substring(0, [Math]::Min(6, $key.Length)))..."
  if ($env:ANTHROPIC_API_KEY -or $variables.PSObject.Properties['ANTHROPIC_API_KEY']) {
    Write-Host "Note: ANTHROPIC_API_KEY is set as well, in $shown or in this shell. It conflicts: Claude Code warns of two keys. Take it out unless you need it."
  }
  foreach ($name in 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY') {
    if ([Environment]::GetEnvironmentVariable($name) -or $variables.PSObject.Properties[$name]) {
      Write-Host "Note: $name is set. It wins: Claude Code asks that cloud and not this relay until you take it out."
    }
  }
  Write-Host "To put back what was there before: $site/help/setup#undo"
  Write-Host 'Start Claude Code anew: claude'
}
