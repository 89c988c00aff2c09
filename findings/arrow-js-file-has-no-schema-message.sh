#!/usr/bin/env bash
# Guess: an Arrow file is, by its specification, a stream between a magic and a footer, so without its first 8 bytes it is a stream,
# which begins with the schema.
# Seen: apache-arrow (npm) 21.1.0 writes the schema of a file into the footer alone. The first message is a dictionary or a batch, and
# a stream reader given the same bytes refuses them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund apache-arrow@21.1.0 >/dev/null
cat >look.mjs <<'JS'
import * as arrow from 'apache-arrow';
const table = arrow.tableFromArrays({ n: Int32Array.from([1, 2, 3]) });
const kind = bytes => {
    // A mark, a length, and a message: a table whose second field is the kind of its header.
    const view = new DataView(bytes.buffer, bytes.byteOffset + 8);
    const at = view.getInt32(0, true), fields = at - view.getInt32(at, true);
    return ['none', 'schema', 'dictionary', 'batch'][view.getUint8(at + view.getUint16(fields + 6, true))];
};
const file = arrow.tableToIPC(table, 'file'), stream = arrow.tableToIPC(table, 'stream');
console.log(`stream: ${kind(stream)}, file: ${kind(file.subarray(8))}, file as a file: ${arrow.tableFromIPC(file).numRows} rows`);
JS
seen=$(node look.mjs)
echo "$seen"
[ "$seen" = "stream: schema, file: batch, file as a file: 3 rows" ]
