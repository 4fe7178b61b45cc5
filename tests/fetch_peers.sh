#!/bin/bash
# Puts programs of Debian that the tests talk to into build/peers, without installing their packages: those would set up a mail
# server, or start a daemon.
set -eu
cd "$(dirname "$0")/.."

# Programs that call sendmail, and the libraries that a machine without them may lack.
callers=(cron at bsd-mailx s-nail mutt php8.2-cli php8.2-common git-email
  libmailtools-perl liblockfile1 libbsd0 libmd0 libgpgme11 libassuan0 libgsasl18 libntlm0 libgssglue1 libtokyocabinet9 libidn12
  libargon2-1 libsodium23 libxml2)

# Programs that speak SMTP themselves.
clients=(msmtp libgsasl18 libgssglue1 libntlm0 libidn12 libsecret-1-0 libglib2.0-0
  libmime-lite-perl libemail-date-format-perl libmailtools-perl)

main() {
  mkdir -p build/peers
  cd build/peers
  smtp_programs
  programs callers "${callers[@]}"
  programs clients "${clients[@]}"
  other_server
}

# smtp-sink and smtp-source, Postfix's own test programs.
smtp_programs() {
  if [[ -x smtp-sink && -x smtp-source ]]; then return; fi
  rm -rf postfix
  fetch postfix postfix
  for name in smtp-sink smtp-source; do
    cat >"$name" <<WRAPPER
#!/bin/bash
folder=\$(dirname "\$(realpath "\$0")")/postfix/usr
LD_LIBRARY_PATH=\$folder/lib/postfix exec "\$folder/sbin/$name" "\$@"
WRAPPER
    chmod +x "$name"
  done
}

# programs FOLDER PACKAGE...: once.
programs() {
  if [[ -f $1/complete ]]; then return; fi
  rm -rf "$1"
  fetch "$@"
  touch "$1/complete"
}

# Another mail server, whole, for a machine of the tests to install (tests/system).
other_server() {
  if [[ -f packages/complete ]]; then return; fi
  rm -rf packages
  mkdir packages
  (cd packages && get nullmailer)
  touch packages/complete
}

# get PACKAGE...: the package files, into this folder.
get() { apt-get -q -o Acquire::Retries=5 -o APT::Sandbox::User=root download "$@"; }

# fetch FOLDER PACKAGE...: what is in the packages.
fetch() {
  local folder=$1 package
  shift
  rm -f ./*.deb
  get "$@"
  for package in ./*.deb; do dpkg -x "$package" "$folder"; done
  rm -f ./*.deb
}

main
