exec bash -c '
a=(1 2 3); echo ${a[@]} ${#a[@]}
declare -A m; m[x]=1; echo ${m[x]}
(echo sub; exit 4); echo $?
cat <<X
here $((2 ** 10))
X
cat <<<word
for i in {1..3}; do echo -n $i; done; echo
f() { local x=$1; echo f$x; }; f 7
echo a | while read l; do echo got $l; done
x=$(echo hi | tr a-z A-Z); echo $x "${x,,}"
[[ abc =~ b(.) ]] && echo ${BASH_REMATCH[1]}
set -o pipefail; false | true; echo $?
trap "echo bye" EXIT
sleep 0.01 & wait $!; echo waited $?
exec 3>/tmp/three; echo three >&3; exec 3>&-; cat /tmp/three
read -t 1 y </dev/null; echo read $?
coproc cat; echo there and back >&${COPROC[1]}; read y <&${COPROC[0]}; echo $y
read -t 0.01 y <&${COPROC[0]}; echo $(($? > 128))
test -t 0; echo $?
diff() { [ "$(cat $1)" = "$(cat $2)" ] && echo alike; }; diff <(echo a) <(echo a)
mapfile -t lines < <(seq 3); echo ${#lines[@]} ${lines[2]}
ulimit -n; ulimit -s; umask
bash -c "exit 9"; echo $?
{ bash -c "kill -SEGV \$\$"; } 2>/dev/null; echo $?
(trap - EXIT; kill -TERM $BASHPID) 2>/dev/null; echo $?'
