#!/bin/bash
# Runs a program on a stage: a mount namespace in which /usr/sbin/sendmail is ours, the peers' programs are found first, and what cron
# and at keep on disk is theirs alone. Nothing of the machine itself changes. As root, within `unshare --mount`.
# usage: stage_callers.sh PEERS MAILCHUTE SUBMIT_SOCKET PROGRAM ARGUMENT...
set -eu
peers=$1 mailchute=$2 socket=$3
shift 3
mount --make-rprivate /

# What is found by its place, whoever looks for it and wherever this checkout is.
mount -t tmpfs -o mode=755 stage /mnt
mkdir /mnt/peers /mnt/sbin
mount --bind "$peers" /mnt/peers
mount --rbind /usr/sbin /mnt/sbin
mount -t tmpfs -o mode=755 stage /usr/sbin
ln -s /mnt/sbin/* /usr/sbin/
rm -f /usr/sbin/sendmail /usr/sbin/mailchute
touch /usr/sbin/mailchute
mount --bind "$mailchute" /usr/sbin/mailchute
ln -s mailchute /usr/sbin/sendmail

mount -t tmpfs -o mode=755 stage /run
mkdir /run/mailchute
touch /run/mailchute/submit.sock
mount --bind "$socket" /run/mailchute/submit.sock

mount -t tmpfs -o mode=755 stage /var/spool
mkdir -p /var/spool/cron/crontabs /var/spool/cron/atjobs /var/spool/cron/atspool
touch /var/spool/cron/atjobs/.SEQ
chown -R daemon:daemon /var/spool/cron/at*
chmod 1770 /var/spool/cron/at{jobs,spool}

mount -t tmpfs -o mode=755 stage /etc/pam.d
printf '%s required pam_permit.so\n' auth account password session >/etc/pam.d/other

libraries=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
export LD_LIBRARY_PATH=/mnt/peers/usr/lib/$libraries:/mnt/peers/lib/$libraries
export PERL5LIB=/mnt/peers/usr/share/perl5
export PATH=/mnt/peers/usr/sbin:/mnt/peers/usr/bin:/mnt/peers/usr/lib/git-core:/usr/sbin:/usr/bin:/sbin:/bin
exec "$@"
