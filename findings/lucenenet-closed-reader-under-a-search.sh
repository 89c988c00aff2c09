#!/usr/bin/env bash
# Guess: a search on an index reader that is closed meanwhile throws ObjectDisposedException (AlreadyClosed), as Lucene's readers say of
# themselves; so a program may close a reader under its searches and catch that.
# Seen: Lucene.Net 4.8.0-beta00017, in memory (RAMDirectory), one thread. Only the outermost reader asks whether it is open. A search that
# has its leaves gets a NullReferenceException out of Lucene's own objects. Count readers: TryIncRef, or SearcherManager.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >closed.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Lucene.Net.Analysis.Common" Version="4.8.0-beta00017" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using Lucene.Net.Analysis.Core;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Store;
using Lucene.Net.Util;

var directory = new RAMDirectory();
using (var writer = new IndexWriter(directory, new IndexWriterConfig(LuceneVersion.LUCENE_48, new WhitespaceAnalyzer(LuceneVersion.LUCENE_48))))
    writer.AddDocument(new Document { new TextField("text", "one", Field.Store.YES) });
DirectoryReader reader = DirectoryReader.Open(directory);
var searcher = new IndexSearcher(reader);
AtomicReaderContext leaf = reader.Leaves[0];
Weight weight = searcher.CreateNormalizedWeight(new TermQuery(new Term("text", "one")));
reader.Dispose(); // What another thread would do in the middle of a search.
Console.WriteLine($"whole search: {Try(() => searcher.Search(new TermQuery(new Term("text", "one")), 1))}");
Console.WriteLine($"scorer of a leaf: {Try(() => weight.GetScorer(leaf, null))}");
Console.WriteLine($"document of a leaf: {Try(() => leaf.AtomicReader.Document(0))}");

static string Try(Action action)
{
    try { action(); return "no exception"; }
    catch (Exception exception) { return exception.GetType().Name; }
}
CS
seen=$(dotnet run)
echo "$seen"
