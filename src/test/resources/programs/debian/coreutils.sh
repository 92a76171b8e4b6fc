mkdir /tmp/w
cd /tmp/w
printf 'b\na\nc\n' >x
sort x; wc x; cat x x | sort -u; md5sum x
cp x y; mv y z; ls; ls -l x | cut -c1-10
cp -p x kept; cp -r /tmp/w/x copy
dd if=x of=q bs=2 count=2 2>/dev/null; cat q
head -n1 x; tail -n1 x; tr a-z A-Z <x; cut -c1 x; seq 5 | paste -sd+
stat -c '%a %s %F %h' x; ln -s x l; readlink l; ls -l l | cut -c1-10; ln x h; stat -c %h x; rm h
touch t; test -s t || echo empty
touch -d '2001-02-03 04:05:06.7 UTC' t; date -u -r t +%F-%T.%N; stat -c %Y t
touch -r t u; [ t -nt u ] || [ u -nt t ] || echo as old; sleep 0.1; echo more >>t; [ t -nt u ] && echo newer
touch a1; sleep 0.1; touch a2; ls -t a1 a2
basename /a/b.c .c; dirname /a/b; expr 3 \* 4; date -u -d @0 +%F; env -i A=1 env; id -u
uname -s; mkdir -p a/b/c; rmdir a/b/c; rm -r a; ls a; echo $?
od -An -tx1 x; base64 x; nl x; tac x; uniq -c x; sort x >s; comm s s; join s s
split -l1 x s.; ls s.*; factor 360; truncate -s 10000 big; wc -c big
tee t2 <x >/dev/null; md5sum <t2; chmod 600 x; stat -c %a x; mktemp -d /tmp/fooXXXXXX >/dev/null && echo made
yes | head -n 3; nproc; pwd; shuf -i 1-3 | sort; timeout 5 echo in time; timeout 0.1 sleep 5; echo $?
printf '%5.2f\n' 3.14159; stat -c %F /dev/null; sync; sync x; install -m 755 x inst; stat -c %a inst
nice; nice -n 5 nice
tsort <<X
a b
b c
X
numfmt --to=iec 12345678; fold -w2 x; realpath l; du -b big | cut -f1
stat -f -c '%l %S' .
ls -A; rm -rf /tmp/w/*; ls -A
