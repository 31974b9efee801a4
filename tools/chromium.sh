#!/bin/sh
# Installs Debian's Chromium for the browser tests where that is allowed; elsewhere says what is missing and goes on.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Chromium wird installiert (für die Browser-Prüfungen) …"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 && exit 0
fi
echo "Chromium fehlt: Die Browser-Prüfungen werden übersprungen. Auf Debian hilft: apt install chromium"
