#!/usr/bin/env bash
# Maps the real ld-musl-riscv64.so.1 as a loader does, writes into its data segment and shows the copy happen.
#
#   examples/map-a-library.sh [SERVER [LIBRARY]]
#
# SERVER is http://127.0.0.1:8080 unless given. LIBRARY is the file of Debian's riscv64 package musl; without it
# scripts/bring-debian brings the package. PRIVATE_FILE=eager shows the other strategy. Needs bash, curl, jq.
set -euo pipefail
server=${1:-http://127.0.0.1:8080}
root=$(cd "$(dirname "$0")/.." && pwd)
library=${2:-$root/target/debian/riscv64/usr/lib/riscv64-linux-musl/libc.so}
strategy=${PRIVATE_FILE:-lazy}
path=lib/ld-musl-riscv64.so.1

for tool in curl jq sha256sum; do
  command -v "$tool" >/dev/null || { echo "map-a-library: needs $tool" >&2; exit 2; }
done
if [[ ! -r $library ]]; then
  (($# < 2)) && "$root/scripts/bring-debian" musl
  [[ -r $library ]] || { echo "map-a-library: cannot read $library" >&2; exit 2; }
fi

api() { curl -sS --fail-with-body "$@"; }
lab=$(api "$server/api/v1/labs" -H 'Content-Type: application/json' \
  -d "{\"name\": \"map a library\", \"privateFile\": \"$strategy\"}" | jq -r .id)
labs=$server/api/v1/labs/$lab

# One command as JSON on the command line; its answer on standard output.
command_() { api "$labs/commands" -H 'Content-Type: application/json' -d "$1"; }
result() { command_ "$1" | jq -er 'if .errno or .signal then error(.story) else .result end'; }
tell() { command_ "$1" | jq -er 'if .errno or .signal then error(.story) else .story end'; }
say() { printf '\n== %s\n' "$*"; }
audit() { api "$labs/audit" | jq -c .; }
frames() { api "$labs/tables/frame" | jq -r '[.rows[].kind] | group_by(.) | map("\(.[0]) \(length)") | join(", ")'; }
# The rows of the frames that hold or were copied from a page of the library.
refs() {
  api "$labs/tables/frame?page=$1" |
    jq -r '.rows[] | select(.inode > 0) |
      "frame \(.ppn) \(.kind): refs \(.refs) = mappings \(.mappings) + cached \(.cached) + pins \(.pins) + parent \(.parent)"'
}

say "Laboratory $lab ($strategy): $server/labs/$lab"
api -T "$library" "$labs/files/$path" | jq -r .story
put=$(sha256sum <"$library")

pid=$(command_ '{"do": "spawn", "name": "loader"}' | jq .result.pid)
fd=$(result "{\"do\": \"open\", \"pid\": $pid, \"path\": \"/$path\", \"flags\": [\"RDONLY\"]}")

say 'Map it as a loader does: the whole span, then the data, then the whole bss pages'
# PT_LOAD R+E: offset 0, file size 0x9c62c. RW: offset 0x9cb30, address 0x9db30, file size 0x8d4, memory size 0x3388.
span=$((0xa1000)) data=$((0x9d000)) data_offset=$((0x9c000)) file_end=$((0x9db30 + 0x8d4))
bss=$(((file_end + 0xfff) & ~0xfff))
base=$(result "{\"do\": \"mmap\", \"pid\": $pid, \"length\": $span, \"prot\": [\"READ\", \"EXEC\"], \"flags\": [\"PRIVATE\"], \"fd\": $fd, \"offset\": 0}")
echo "the whole span is mapped at $base"
at() { printf '0x%x' $((base + $1)); }
tell "{\"do\": \"mmap\", \"pid\": $pid, \"address\": \"$(at $data)\", \"length\": $((bss - data)), \"prot\": [\"READ\", \"WRITE\"], \"flags\": [\"PRIVATE\", \"FIXED\"], \"fd\": $fd, \"offset\": $data_offset}"
tell "{\"do\": \"mmap\", \"pid\": $pid, \"address\": \"$(at $bss)\", \"length\": $((span - bss)), \"prot\": [\"READ\", \"WRITE\"], \"flags\": [\"PRIVATE\", \"FIXED\", \"ANONYMOUS\"]}"
zeros=$(printf '00%.0s' $(seq $((bss - file_end))))
command_ "{\"do\": \"write\", \"pid\": $pid, \"address\": \"$(at $file_end)\", \"data\": {\"hex\": \"$zeros\"}}" | jq -r '"clear the bss tail: \(.story)"'
api "$labs/processes/$pid/maps"

say 'Write into the data segment'
page=$((data_offset / 4096))
address=$(at $((0x9db30)))
command_ "{\"do\": \"read\", \"pid\": $pid, \"address\": \"$address\", \"length\": 8}" | jq -r '"before: \(.story), \(.result.hex)"'
echo "before the write, page $page of the file:"
refs $page
frames
answer=$(command_ "{\"do\": \"write\", \"pid\": $pid, \"address\": \"$address\", \"data\": {\"text\": \"Faultline\"}}")
jq -r .story <<<"$answer"
api "$labs/changes?after=$(($(jq .firstSeq <<<"$answer") - 1))&limit=$(jq '.lastSeq - .firstSeq + 1' <<<"$answer")" |
  jq -r '.changes[] | if .type == "step" then "  \(.actor)\t\(.text)"
    elif .type == "change" and .op == "update" then "    \(.table) \(.key): \(.before | tojson) -> \(.after | tojson)"
    elif .type == "change" then "    \(.table) \(.key): \(.op)" else empty end'
echo "after the write:"
refs $page
frames

say 'The file is what it was'
got=$(api "$labs/files/$path" | sha256sum)
echo "put $put"
echo "got $got"
[[ $put == "$got" ]]

say 'Audit'
audit
