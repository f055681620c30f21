#!/bin/sh
# Installs the htmlgame tunnel @ROLE@:
#   curl -sSL https://your.site/install/@ROLE@.sh | sudo sh -s -- --api-key=… --control-url=https://your.site
# Everything is in functions, and the last line calls them: a download that is cut short runs nothing.
set -eu

ROLE='@ROLE@'
PROGRAM='@PROGRAM@'
SHA256='@SHA256@'
NAME="htmlgame-tunnel-$ROLE"

usage() {
  cat <<USAGE
Usage: sh $ROLE.sh --api-key=KEY --control-url=https://your.site [options]
       sh $ROLE.sh --upgrade | --uninstall [--purge]

  --api-key=KEY         the key that was shown when you added this $ROLE
  --control-url=URL     the address of your site
  --allow-target=NET    agent: a network outside this host's own that tunnels may lead to
  --public-ip=IP        gateway: its address, if it is not the one it connects from
  --upgrade             installs the present program; key and settings stay
  --uninstall           stops and removes the program; --purge removes key and state, too
  --dry-run             says what would be done, and does nothing
USAGE
}

main() {
  API_KEY='' CONTROL_URL='' ALLOW_TARGETS='' PUBLIC_IP='' DRY='' ACTION=install PURGE=''
  ROOT=${DESTDIR:-}
  while [ $# -gt 0 ]; do
    case "$1" in
      --api-key=* | --control-url=* | --allow-target=* | --public-ip=*)
        option "${1%%=*}" "${1#*=}" ;;
      --api-key | --control-url | --allow-target | --public-ip)
        [ $# -gt 1 ] || die "$1 needs a value"
        option "$1" "$2"
        shift ;;
      --upgrade) ACTION=upgrade ;;
      --uninstall) ACTION=uninstall ;;
      --purge) PURGE=1 ;;
      --dry-run) DRY=1 ;;
      --help | -h) usage; return ;;
      *) die "unknown option $1; --help lists the options" ;;
    esac
    shift
  done
  CONF="$ROOT/etc/htmlgame-tunnel/$ROLE.conf"
  LIB="$ROOT/usr/local/lib/htmlgame-tunnel"
  STATE="/var/lib/htmlgame-tunnel/$ROLE"
  UNIT="$ROOT/etc/systemd/system/$NAME.service"
  [ -n "$DRY" ] || [ -n "$ROOT" ] || [ "$(id -u)" = 0 ] ||
    die "run it as root: curl … | sudo sh -s -- …"
  case "$ACTION" in
    uninstall) uninstall ;;
    upgrade) read_settings; check; put_program; start ;;
    install) check; put_program; put_settings; put_unit; start ;;
  esac
}

option() {
  case "$2" in *[!A-Za-z0-9_.:/~-]*) die "$1: it has a character that no such value has" ;; esac
  case "$1" in
    --api-key) API_KEY=$2 ;;
    --control-url) CONTROL_URL=${2%/} ;;
    --allow-target) ALLOW_TARGETS="$ALLOW_TARGETS $2" ;;
    --public-ip) PUBLIC_IP=$2 ;;
  esac
}

read_settings() {
  [ -r "$CONF" ] || die "$CONF is not there; install first, with --api-key and --control-url"
  API_KEY=$(setting API_KEY) CONTROL_URL=$(setting CONTROL_URL)
}

setting() { sed -n "s/^$1=//p" "$CONF" | head -n 1; }

check() {
  case "$ROLE" in agent) PREFIX=agt_ ;; *) PREFIX=gtw_ ;; esac
  case "$API_KEY" in
    "$PREFIX"????????????????????????????????) ;;
    *) die "--api-key: missing or cut; it is $PREFIX and 32 characters" ;;
  esac
  case "$CONTROL_URL" in
    https://?* | http://localhost:* | http://127.0.0.1:*) ;;
    *) die "--control-url: missing, or it does not begin with https://" ;;
  esac
  PYTHON=$(command -v python3) || die "python3 is not installed; fix: apt-get install python3"
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 9))' ||
    die "$PYTHON is older than Python 3.9; install a newer one"
  need ip iproute2
  need wg wireguard-tools
  modprobe wireguard 2>/dev/null || [ -d /sys/module/wireguard ] || need wireguard-go wireguard-go
  case "$ROLE" in
    agent) need nft nftables ;;
    *) command -v caddy >/dev/null ||
         say "caddy is not installed: see https://caddyserver.com/docs/install, version 2.7 or newer" ;;
  esac
}

need() {
  command -v "$1" >/dev/null && return
  if [ -n "$DRY" ]; then say "would install the package $2"; return; fi
  command -v apt-get >/dev/null || die "$1 is not installed; install the package that has it ($2)"
  say "installing $2"
  apt-get install -y -qq --no-install-recommends "$2" >/dev/null ||
    die "apt-get could not install $2; install it, then run this again"
}

put_program() {
  if [ -n "$DRY" ]; then say "would install $CONTROL_URL/install/programs/$PROGRAM"; return; fi
  mkdir -p "$LIB"
  NEW="$LIB/$NAME.pyz.new"
  fetch "$CONTROL_URL/install/programs/$PROGRAM" >"$NEW" || { rm -f "$NEW"; die "the download failed"; }
  if ! echo "$SHA256  $NEW" | sha256sum -c - >/dev/null 2>&1; then
    rm -f "$NEW"
    die "the downloaded program is not the one that this script names; nothing was installed"
  fi
  chmod 755 "$NEW"
  mv "$NEW" "$LIB/$NAME.pyz"
}

fetch() {
  if command -v curl >/dev/null; then curl -fsSL "$1"
  elif command -v wget >/dev/null; then wget -qO- "$1"
  else die "neither curl nor wget is installed"
  fi
}

put_settings() {
  if [ -n "$DRY" ]; then say "would write the key to $CONF"; return; fi
  (
    umask 077
    mkdir -p "${CONF%/*}" "$ROOT$STATE"
    {
      echo "CONTROL_URL=$CONTROL_URL"
      echo "API_KEY=$API_KEY"
      [ -z "$ALLOW_TARGETS" ] || echo "ALLOW_TARGETS=${ALLOW_TARGETS# }"
      [ -z "$PUBLIC_IP" ] || echo "PUBLIC_IP=$PUBLIC_IP"
    } >"$CONF.new"
    mv "$CONF.new" "$CONF"
  )
}

put_unit() {
  if [ -n "$DRY" ]; then say "would write $UNIT"; return; fi
  mkdir -p "${UNIT%/*}"
  cat >"$UNIT" <<SERVICE
[Unit]
Description=htmlgame tunnel $ROLE
After=network-online.target
Wants=network-online.target

[Service]
EnvironmentFile=/etc/htmlgame-tunnel/$ROLE.conf
ExecStart=$PYTHON /usr/local/lib/htmlgame-tunnel/$NAME.pyz $ROLE --state-dir $STATE
Restart=always
RestartSec=3
RuntimeDirectory=wireguard
RuntimeDirectoryPreserve=yes
StateDirectory=htmlgame-tunnel/$ROLE
StateDirectoryMode=0700
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_BIND_SERVICE
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
SERVICE
}

start() {
  if [ -n "$DRY" ]; then say "would start $NAME"; return; fi
  if [ -z "$ROOT" ] && command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable -q "$NAME"
    systemctl restart "$NAME"
    say "$NAME is running; your site shows it as online within seconds"
  else
    say "$NAME is installed. There is no systemd here: start it with what you use instead:"
    say "  API_KEY=… CONTROL_URL=$CONTROL_URL $PYTHON /usr/local/lib/htmlgame-tunnel/$NAME.pyz $ROLE"
  fi
}

uninstall() {
  if [ -n "$DRY" ]; then say "would stop and remove $NAME"; return; fi
  if [ -z "$ROOT" ] && command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
    systemctl disable -q --now "$NAME" 2>/dev/null || true
  fi
  rm -f "$UNIT" "$LIB/$NAME.pyz"
  rmdir "$LIB" 2>/dev/null || true
  if [ -z "$ROOT" ] && command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
  fi
  if [ -n "$PURGE" ]; then
    rm -rf "$CONF" "$ROOT$STATE"
    say "$NAME, its key and its state are removed"
  else
    say "$NAME is removed; its key and state stay in $CONF and $STATE (--purge removes them)"
  fi
}

say() { echo "$*"; }

die() {
  echo "htmlgame-tunnel: $*" >&2
  exit 1
}

main "$@"
