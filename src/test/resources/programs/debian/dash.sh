set -e
x=1
while [ $x -lt 5 ]; do x=$((x + 1)); done
echo $x
cat <<X | sort
b
a
X
case abc in a*) echo matches ;; esac
trap "echo trapped" TERM
kill -TERM $$
echo after
(cd /tmp; pwd)
pwd
echo "${x%5}|${HOME#/}|$(echo inner)"
ls /nonexistent || echo failed
cat /bin/sh >/tmp/copy
cmp() { [ "$(md5sum <"$1")" = "$(md5sum <"$2")" ]; }
cmp /bin/sh /tmp/copy && echo same
no_such_command || echo $?
sleep 0.01 &
wait $!
: >/tmp/empty
[ -e /tmp/empty ] && echo "there, $(wc -c </tmp/empty) bytes"
exec echo last
