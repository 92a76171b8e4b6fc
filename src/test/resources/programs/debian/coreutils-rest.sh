cd /tmp
printf 'pear 3\napple 1\nfig 2\n' >f
md5sum f; sha1sum f; sha224sum f; sha256sum f; sha384sum f; sha512sum f; b2sum f; cksum f; sum f; cksum -a sha256 f
base32 f; basenc --base16 f; basenc --z85 --decode </dev/null
mkdir d; dir f; ls -i f | grep -c f; ls -R; ls -x f d; dircolors -b | head -c 10; echo
csplit -s f /apple/ && cat xx00 xx01; pr -t -2 f; ptx f; fmt -w 10 f; expand f; printf 'a       b\n' | unexpand -a
echo -e 'a\tb'; false; echo $?; groups; hostid | wc -c; logname; echo $?; nohup echo x; pathchk f && pathchk "$(printf 'a%.0s' $(seq 300))"; echo $?
printenv HOME; stty -a; echo $?; tty; unlink f; ls f; echo $?
chgrp 7 d; stat -c %g d; shred -u xx00; ls xx00; echo $?; stdbuf -oL echo buffered; 
touch -d '2020-01-01 UTC' o; ls -l --full-time o | cut -d' ' -f6-; date -u -r o; du -s --apparent-size d | cut -f2
[ 1 -eq 1 ] && echo bracket; arch; cat -A o; seq -w 8 11; seq 1 0.5 2; sort -R /dev/null; sort -t: -k2n <<E
a:10
b:9
E
join -a1 - o <<E
k v
E
od -c <<E
x
E
timeout -s KILL 0.05 sleep 5; echo $?; env -C / pwd; nice -n 19 nice; dd if=/dev/zero of=z bs=1M count=3 status=none; cp --sparse=always z y; cmp z y; mv -T d e; ls -d e; rm -r e
mkdir -p m/n full/x e1; mv -T m e1 && ls e1; mv -T e1 full; echo $?; rename() { mv "$1" "$2"; }; rename o p; ls
