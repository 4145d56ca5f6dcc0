// The rule set that ships with Swarmgate. Raise `RULES_VERSION` in ../rules.ts with every change.
//
// Rules are patterns that may stand anywhere, no longer than a few kilobytes: no offsets, no `filesize`. That is what
// makes it sound to show them a large file in overlapping windows and many small files in one batch; a test keeps it
// so. What a rule wants to know of the file stands in its metadata and is checked by ../rules.ts:
//   outcome    infected, suspicious or unscanned
//   family     what the file must be by its bytes, of the words in ../type.ts; absent: anything
//   bytes_max  how large the file may be; absent: any size

rule eicar_test_file {
  meta:
    outcome = "infected"
    why = "It holds the EICAR test file, which every scanner must stop."
  strings:
    $text = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A }
  condition:
    $text
}

rule shortcut_runs_script {
  meta:
    outcome = "suspicious"
    why = "It is a shortcut that runs a script or command when it is opened."
    family = "shortcut"
  strings:
    $cmd = "cmd.exe" ascii wide nocase
    $powershell = "powershell" ascii wide nocase
    $mshta = "mshta" ascii wide nocase
    $wscript = "wscript" ascii wide nocase
    $rundll = "rundll32" ascii wide nocase
  condition:
    any of them
}

rule autorun_file {
  meta:
    outcome = "suspicious"
    why = "It is an autorun file, which starts a program when a disk is inserted."
    bytes_max = 65536
  strings:
    $section = "[autorun]" ascii wide nocase
    $open = /\n\s{0,8}(open|shellexecute|shell\\[a-z]{1,16}\\command)\s{0,8}=/ ascii nocase
  condition:
    $section and $open
}

rule office_macro_runs_by_itself {
  meta:
    outcome = "suspicious"
    why = "It is an office document with a macro that runs by itself when the document is opened."
    family = "document"
  strings:
    $vba = "_VBA_PROJECT" ascii wide
    $a = "AutoOpen" ascii wide nocase
    $b = "Auto_Open" ascii wide nocase
    $c = "Document_Open" ascii wide nocase
    $d = "Workbook_Open" ascii wide nocase
  condition:
    $vba and any of ($a, $b, $c, $d)
}

rule office_encrypted {
  meta:
    outcome = "unscanned"
    why = "It is an encrypted office document, so nobody can look inside it."
    family = "document"
  strings:
    $package = "EncryptedPackage" wide
    $info = "EncryptionInfo" wide
  condition:
    all of them
}

rule macro_downloads_program {
  meta:
    outcome = "suspicious"
    why = "It has a macro that fetches or starts other programs."
    bytes_max = 4194304
  strings:
    $auto = /\b(AutoOpen|Auto_Open|Document_Open|Workbook_Open)\b/ ascii nocase
    $sub = /\bSub\s{1,4}[A-Za-z_]{1,64}\s{0,4}\(/ ascii nocase
    $shell = "WScript.Shell" ascii nocase
    $get = "URLDownloadToFile" ascii nocase
    $http = "MSXML2.XMLHTTP" ascii nocase
  condition:
    $auto and $sub and any of ($shell, $get, $http)
}

rule pdf_runs_script {
  meta:
    outcome = "suspicious"
    why = "It is a PDF that runs a script or program by itself when it is opened."
    family = "document"
  strings:
    $magic = "%PDF-"
    $script = /\/(JavaScript|JS)[\s\(<\/]/
    $open = /\/(OpenAction|AA)[\s<\/\[]/
    $launch = /\/Launch[\s\/>]{0,16}\/(Win|F)[\s<\(]/
  condition:
    $magic and ($launch or ($script and $open))
}

rule program_in_picture {
  meta:
    outcome = "suspicious"
    why = "A program is hidden inside what looks like a picture or a recording."
    family = "image audio video"
  strings:
    $stub = "This program cannot be run in DOS mode" ascii
  condition:
    $stub
}

rule encoded_powershell {
  meta:
    outcome = "suspicious"
    why = "It is a script that starts PowerShell with a hidden command."
    bytes_max = 1048576
  strings:
    $run = /powershell(\.exe)?["']?\s[^\r\n]{0,120}-e(nc|ncodedcommand)?\s{1,4}["']?[A-Za-z0-9+\/]{120}/ ascii nocase
  condition:
    $run
}

rule reverse_shell {
  meta:
    outcome = "suspicious"
    why = "It is a script that gives somebody else a command line on the computer that runs it."
    bytes_max = 262144
  strings:
    $bash = /bash\s{1,4}-i\s{0,4}>&\s{0,4}\/dev\/tcp\/[0-9]{1,3}\.[0-9]{1,3}\./ ascii
    $nc = /\bnc(at)?\s[^\r\n]{0,40}-e\s{0,4}\/bin\/(ba)?sh\s{1,4}[0-9]{1,3}\.[0-9]{1,3}\./ ascii
  condition:
    any of them
}

rule web_shell {
  meta:
    outcome = "suspicious"
    why = "It is a web page program that runs whatever a visitor sends."
    bytes_max = 1048576
  strings:
    $php = /(eval|assert|system|shell_exec|passthru)\s{0,4}\(\s{0,4}(base64_decode\s{0,4}\(\s{0,4})?\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[/ ascii nocase
  condition:
    $php
}

rule coin_miner {
  meta:
    outcome = "suspicious"
    why = "It is a program or configuration that mines cryptocurrency."
  strings:
    $pool = "stratum+tcp://" ascii
    $donate = "donate-level" ascii
    $algorithm = "randomx" ascii nocase
  condition:
    $pool and $donate and $algorithm
}
