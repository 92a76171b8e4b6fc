cd /tmp
cat >applets <<'EOF'
set -f
b=busybox
printf 'pear 3\napple 1\nfig 2\napple 1\n' >f; printf 'one\ttab\n' >t
t() { printf '%s: ' "$*"; $b "$@" 2>&1; s=$?; [ $s = 0 ] || echo "[$s]"; }
p() { printf '%s: ' "$*"; $b "$@" <f 2>&1; s=$?; [ $s = 0 ] || echo "[$s]"; }
t basename /a/b.c .c; t dirname /a/b; t cal 2 2026; t expr 6 \* 7; t factor 360; t seq 3 -1 1; t printf '%03d|%s\n' 7 x
t test 1 -lt 2; t true; t false; t echo -e 'a\tb'; t date -u -d @86399 +%T; t dc -e '2 64^p'; t nproc; t uname -s; t pwd; t whoami
t id; t groups; t logname; t tty; t hostid; t which sh; t ipcalc -b 10.1.2.3/8; t getopt ab: -a -b 1 x; t env -i A=1; t mkpasswd -m md5 -S abcdefgh x
p sort; p sort -rn -k2; p sort -u; p uniq -c; p head -n 1; p tail -n 1; p wc; p nl; p tac; p rev; p cut -d' ' -f2; p tr a-z A-Z; p grep -n fig
p egrep 'p{2}'; p fgrep -c a; p sed '2d;s/p/P/g'; p awk '{ n[$1] += $2 } END { print n["apple"] }'; p od -c; p hexdump -C; p xxd; p strings -n 3
p md5sum; p sha1sum; p sha256sum; p sha512sum; p sha3sum; p crc32; p base64; p uuencode name; p cat -A; p fold -w 4; p shuf -n 0; p paste - -; p xargs echo
p tee g; p bc; p less; p more; p dos2unix; p ts x; p cmp f -; p diff - g; true
$b expand t; $b unexpand -a t; $b dd if=f bs=3 skip=1 count=2 2>/dev/null; echo; $b true
$b gzip -k f; $b zcat f.gz | $b md5sum; $b bzip2 -k f; $b bzcat f.bz2 | $b md5sum; $b lzop f; $b uncompress -c f.gz 2>&1 | $b wc -c
$b tar cf a.tar f t; $b tar tf a.tar; $b ar -t a.tar; printf 'f\nt\n' | $b cpio -o -H newc 2>/dev/null | $b cpio -t 2>/dev/null
$b uuencode -m x <f >u; $b uudecode -o d u; $b cmp d f && echo alike; $b patch --help >/dev/null 2>&1; echo $?
printf -- '--- f\n+++ f\n@@ -1 +1 @@\n-pear 3\n+plum 4\n' | $b patch f; $b head -n 1 f; $b sed -i 's/plum/pear/' f; $b head -n 1 f
t mkdir -p w/x/y; t touch -d @5 w/a; t ln -s a w/l; t ln w/a w/h; t stat -c '%n %s %h %Y' w/a; t readlink w/l; t realpath w/../w/a; t cp -a w v; t mv v z; t find z/x
t chmod 640 w/a; t chown 1:2 w/a; t chgrp 3 w/a; t stat -c '%a %u %g' w/a; t ls w; t mktemp -u -p /tmp aXXXXXX | $b wc -c
t mkfifo q; t truncate -s 5000 big; t fallocate -l 6000 big; t stat -c '%s' big; t shred -n 1 big; t sync; t install -m 700 f i; t stat -c %a i
t unlink i; t rm -r w; t rmdir z; t rm -r z; t rm q; t setsid echo s; t time true >/dev/null; t timeout 1 echo in; t timeout 0.05 sleep 3
t usleep 5; t sleep 0.01; t run-parts --test /tmp; t pidof nobody; t kill -l 9; t killall nobody; t ps -o pid,comm >/dev/null; t free >/dev/null; t uptime >/dev/null; t top -bn1 >/dev/null
t taskset 1 echo on; t renice 5 99999; t setpriv echo p; t linux64 uname -m; t xz f; t unxz x; t reset >/dev/null; t clear >/dev/null; t who
t stty -a; t sha256sum -c /dev/null
yes() { $b yes | $b head -n 2; }; yes; $b sh -c 'trap "echo bye" EXIT; for i in 1 2; do (exit $i); echo $?; done'; $b ash -c 'echo ${0##*/} $((1 << 40))'
printf 'a\nb\n' >e; printf '1s/a/z/\nw\nq\n' | $b ed e; $b cat e; printf 'ihello\033:wq\n' | $b vi v >/dev/null 2>&1; echo $?
set +f; $b rm -rf /tmp/*; $b ls -A /tmp
EOF
exec busybox sh applets 2>&1
