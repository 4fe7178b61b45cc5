#!/bin/bash
# From a clone to a message delivered, in one go: installs what the build needs (Debian), builds, starts a pretended QQ Mail
# with TLS and a login on loopback, relays one message to it, and shows what became of the message.
# Touches nothing outside this folder and a temporary one, apart from the Debian packages.
# usage: ./quickstart.sh [--once]        --once: ends instead of staying up for you to play with
set -eu
cd "$(dirname "$0")"
once=${1:-}
build=build/install
binary=$PWD/$build/mailchute
folder=
relay_pid=
provider_pid=

main() {
  if [[ $once != "" && $once != --once ]]; then sed -n '2,5s/^# //p' "$0"; exit 64; fi
  say "1. Building"
  tests/install_needs.sh build
  cmake --preset install >/dev/null
  cmake --build --preset install --parallel "$(nproc)"

  folder=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  say "2. A provider to play with: QQ Mail's manners, TLS and a login, on loopback"
  start_provider
  say "3. The relay, with a configuration of a few lines"
  start_relay
  say "4. An application hands in a message"
  hand_in_message
  say "5. What the provider received"
  show_record
  say "6. What the relay knows of it"
  show_queue
  say_what_is_next
  if [[ $once == --once ]]; then return; fi
  printf '\nThe relay stays at 127.0.0.1:%s and the provider shows what it gets. Ctrl-C ends both.\n' "$relay_port"
  cat <&"$provider_output" &
  wait "$relay_pid"
}

start_provider() {
  exec {provider_output}< <(exec "$binary" sandbox --listen 127.0.0.1:0 --tls --profile qq)
  provider_pid=$!
  local word rest
  while read -r -t 20 -u "$provider_output" word rest; do
    echo "   $word $rest"
    case $word in
    listening) provider_port=${rest##*:} ;;
    ca_file) ca_file=$rest ;;
    user) user=$rest ;;
    password_file) password_file=$rest && return ;;
    esac
  done
  fail "the provider did not start"
}

start_relay() {
  relay_port=$(free_port)
  ln -s "$PWD/config/providers" "$folder/providers" # once installed, they lie in /usr/share/mailchute
  cat >"$folder/mailchute.yaml" <<YAML
root: $user
listen:
  smtp: ["127.0.0.1:$relay_port"]
  submit: $folder/submit.sock
  control: $folder/control.sock
queue: { path: $folder/queue.db, reserve: 16MiB }
upstreams:
  qq: { provider: qq, host: 127.0.0.1, port: $provider_port, ca_file: $ca_file, user: $user, password_file: $password_file }
YAML
  sed 's/^/   /' "$folder/mailchute.yaml"
  # Whoever tries it as root has no user for it yet, and all that it touches is in this folder.
  MAILCHUTE_ALLOW_ROOT=1 "$binary" run --config "$folder/mailchute.yaml" 2>"$folder/relay.log" &
  relay_pid=$!
  for _ in {1..100}; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$relay_port") 2>/dev/null; then return; fi
    kill -0 "$relay_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$folder/relay.log" >&2
  fail "the relay did not start"
}

# A port that nobody answers on.
free_port() {
  local port
  for port in {2525..2625}; do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  fail "no free port from 2525 to 2625"
}

# SMTP by hand, with nothing but bash.
hand_in_message() {
  exec {smtp}<>"/dev/tcp/127.0.0.1/$relay_port"
  expect_reply 220
  say_line "EHLO app.localhost"; expect_reply 250
  say_line "MAIL FROM:<cron@app.localhost>"; expect_reply 250
  say_line "RCPT TO:<friend@example.com>"; expect_reply 250
  say_line "DATA"; expect_reply 354
  say_line "From: Cron <cron@app.localhost>"
  say_line "To: friend@example.com"
  say_line "Subject: Hello from mailchute"
  say_line ""
  say_line "The backup is done."
  say_line "."; expect_reply 250
  id=$(grep -oE '\b[0-9A-HJKMNP-TV-Z]{12}\b' <<<"$reply" | head -n 1)
  [[ -n $id ]] || fail "no queue id in: $reply"
  say_line "QUIT"; expect_reply 221
  exec {smtp}>&-
}

say_line() {
  printf '   C: %s\n' "$1"
  printf '%s\r\n' "$1" >&"$smtp"
}

expect_reply() {
  while IFS= read -r -t 20 -u "$smtp" reply; do
    reply=${reply%$'\r'}
    printf '   S: %s\n' "$reply"
    if [[ $reply != ???-* ]]; then
      [[ $reply == "$1"* ]] || fail "expected $1"
      return
    fi
  done
  fail "no answer from the relay"
}

show_record() {
  local line patience=30
  while IFS= read -r -t "$patience" -u "$provider_output" line; do
    echo "   $line"
    patience=1
  done
  ((patience == 1)) || { cat "$folder/relay.log" >&2; fail "the message did not reach the provider"; }
}

show_queue() {
  echo "   queue id: $id"
  "$binary" queue show "$id" --config "$folder/mailchute.yaml" | sed 's/^/   /'
  echo
  "$binary" status --config "$folder/mailchute.yaml" | sed 's/^/   /'
}

say_what_is_next() {
  if [[ $once != --once ]]; then
    cat <<READY

Ready to type in another terminal, while this one stays:

   $binary send-test $user --config $folder/mailchute.yaml
   $binary status --config $folder/mailchute.yaml
   $binary queue list --state any --config $folder/mailchute.yaml
READY
  fi
  cat <<'NEXT'

To install it for real, as root:

   cmake --install build/install
   systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
   mailchute setup          # asks for your mailbox and its secret, tries the login, starts the service
NEXT
}

say() { printf '\n== %s\n' "$1"; }

fail() {
  echo "quickstart: $1" >&2
  exit 1
}

clean_up() {
  for pid in $relay_pid $provider_pid; do kill "$pid" 2>/dev/null || true; done
  for pid in $relay_pid $provider_pid; do wait "$pid" 2>/dev/null || true; done
  if [[ -n $folder ]]; then rm -rf "$folder"; fi
}

main
