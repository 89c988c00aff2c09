// Writes the files that ArrowFileTests reads, by another implementation of Arrow than the one we read with:
//   npm install apache-arrow@21.1.0 parquet-wasm@0.7.1 && node write-fixtures.mjs FOLDER
import * as arrow from 'apache-arrow';
import { readFileSync, writeFileSync } from 'node:fs';

const rows = 300;
const number = Int32Array.from({ length: rows }, (_, i) => i * i - 5);
const real = Float64Array.from({ length: rows }, (_, i) => i / 4);
const text = Array.from({ length: rows }, (_, i) => i % 7 === 0 ? null : `row ${i} \u00e4\u{1f600}`);
const flag = Array.from({ length: rows }, (_, i) => i % 3 === 0);
const word = Array.from({ length: rows }, (_, i) => ['red', 'green', 'blue'][i % 3]);
const build = (from, to) => new arrow.RecordBatch(new arrow.Schema([
    new arrow.Field('number', new arrow.Int32(), false),
    new arrow.Field('real', new arrow.Float64(), false),
    new arrow.Field('text', new arrow.Utf8(), true),
    new arrow.Field('flag', new arrow.Bool(), true),
    new arrow.Field('word', words, true),
]), arrow.makeData({
    type: new arrow.Struct([
        new arrow.Field('number', new arrow.Int32(), false),
        new arrow.Field('real', new arrow.Float64(), false),
        new arrow.Field('text', new arrow.Utf8(), true),
        new arrow.Field('flag', new arrow.Bool(), true),
        new arrow.Field('word', words, true),
    ]),
    length: to - from,
    children: [
        arrow.vectorFromArray(number.slice(from, to), new arrow.Int32()).data[0],
        arrow.vectorFromArray(real.slice(from, to), new arrow.Float64()).data[0],
        arrow.vectorFromArray(text.slice(from, to), new arrow.Utf8()).data[0],
        arrow.vectorFromArray(flag.slice(from, to), new arrow.Bool()).data[0],
        wordsVector.slice(from, to).data[0],
    ],
}));
const words = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 1, false);
const wordsVector = arrow.vectorFromArray(word, words);
const table = new arrow.Table([build(0, 100), build(100, 250), build(250, rows)]);
const folder = process.argv[2];
writeFileSync(`${folder}/javascript.arrow`, arrow.tableToIPC(table, 'file'));
writeFileSync(`${folder}/javascript.arrows`, arrow.tableToIPC(table, 'stream'));

// The same through Parquet, written and read by the Rust implementation (npm install parquet-wasm@0.7.1).
import * as parquet from 'parquet-wasm/esm/parquet_wasm.js';
parquet.initSync({ module: readFileSync(new URL('parquet_wasm_bg.wasm', import.meta.resolve('parquet-wasm/esm/parquet_wasm.js'))) });
const inParquet = parquet.writeParquet(parquet.Table.fromIPCStream(arrow.tableToIPC(table, 'stream')));
writeFileSync(`${folder}/rust-parquet.arrows`, parquet.readParquet(inParquet).intoIPCStream());
