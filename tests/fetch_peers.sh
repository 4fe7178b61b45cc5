#!/bin/bash
# Puts smtp-sink and smtp-source, Postfix's own test programs, into build/peers without installing Postfix.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build/peers
cd build/peers
if [[ -x smtp-sink && -x smtp-source ]]; then exit 0; fi
rm -rf postfix ./*.deb
apt-get -q -o Acquire::Retries=5 -o APT::Sandbox::User=root download postfix
dpkg -x postfix_*.deb postfix
for name in smtp-sink smtp-source; do
  cat >"$name" <<WRAPPER
#!/bin/bash
folder=\$(dirname "\$(realpath "\$0")")/postfix/usr
LD_LIBRARY_PATH=\$folder/lib/postfix exec "\$folder/sbin/$name" "\$@"
WRAPPER
  chmod +x "$name"
done
