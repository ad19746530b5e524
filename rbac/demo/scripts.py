"""The script library of the demo world."""

from typing import Any

SCRIPTS: list[dict[str, Any]] = [
    {
        "name": "Clear the print queue",
        "body": "Stop-Service Spooler\n"
        "Remove-Item $env:SystemRoot\\System32\\spool\\PRINTERS\\* -Force\n"
        "Start-Service Spooler\n",
    },
    {
        "name": "Collect diagnostics",
        "body": "Get-ComputerInfo | Out-File $env:TEMP\\info.txt\n"
        "Get-WinEvent -LogName System -MaxEvents 200 | Export-Csv $env:TEMP\\system.csv\n",
    },
    {
        "name": "Free disk space",
        "body": "Get-ChildItem $env:TEMP -Recurse | Where-Object LastWriteTime -lt (Get-Date).AddDays(-14) |\n"
        "    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue\n",
    },
    {
        "name": "Report disk health",
        "body": "Get-PhysicalDisk | Get-StorageReliabilityCounter | Select-Object DeviceId, Wear, Temperature\n",
    },
    {"name": "Whom the agent runs as", "body": "whoami\n"},
    {"name": "Restart Windows Update", "body": "Restart-Service wuauserv, bits\nusoclient StartScan\n"},
    {
        "name": "Onboard a portable",
        "tenant": "contoso",
        "body": "Enable-BitLocker -MountPoint C: -RecoveryPasswordProtector\n"
        "Set-ItemProperty HKLM:\\SOFTWARE\\Contoso -Name Onboarded -Value (Get-Date -Format o)\n",
    },
    {
        "name": "Map warehouse printers",
        "tenant": "fabrikam",
        "body": "1..6 | ForEach-Object { Add-Printer -ConnectionName \\\\FAB-PRT01\\Warehouse$_ }\n",
    },
    {
        "name": "Reset the checkout till",
        "tenant": "fabrikam-retail",
        "body": "Restart-Service TillAgent\nClear-Content C:\\Till\\queue.log\n",
    },
    {
        "name": "Sign out idle kiosks",
        "tenant": "litware",
        "body": "quser | Select-String Idle | ForEach-Object { logoff ($_ -split '\\s+')[2] }\n",
    },
    {
        "name": "Check the firewall agent",
        "tenant": "relecloud",
        "body": "Get-Service RelecloudFirewall | Where-Object Status -ne Running | Start-Service\n",
    },
]
