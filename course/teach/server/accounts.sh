#!/bin/sh
# As root: `sh accounts.sh 20 > slips.csv` makes the accounts student001 to student020 and
# writes their passwords, one line each. An account that is there stays as it is.
#   /home/studentNNN               read by nobody else
#   /srv/course-share/studentNNN   what the student puts there is read by `teachers` too
# `usermod --append --groups teachers YOU` makes YOU a teacher.
set -eu
umask 077
case "${1:-}" in
'' | *[!0-9]* | ????*) echo "Say how many accounts: sh accounts.sh 20 > slips.csv" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "Only root makes accounts: sudo sh accounts.sh $1" >&2; exit 2; }
groupadd --force students
groupadd --force teachers
share="${COURSE_SHARE:-/srv/course-share}"
install -d -m 0755 "$share"
echo "account,password"
for n in $(seq -f %03g "$1"); do
  if id "student$n" >/dev/null 2>&1; then
    echo "student$n is there already, and keeps its password" >&2
    continue
  fi
  password=$(head -c 5 /dev/urandom | od -An -tx1 | tr -d ' \n')
  useradd --create-home --user-group --groups students --key HOME_MODE=0700 \
    --shell /bin/bash "student$n"
  install -d -o "student$n" -g teachers -m 2750 "$share/student$n"
  echo "student$n:$password" | chpasswd
  echo "student$n,$password"
done
