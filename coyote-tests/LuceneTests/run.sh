#!/usr/bin/env bash
# Lucene.Net's own tests of a directory, over PercpuDirectory. Their framework is no package: the one file of tests is taken from
# Lucene.Net's repository at the release that the package is of, and what it needs of the framework stands in Framework.cs.
#   run.sh [SEEDS]      with LUCENENET set to a checkout of that release, no network is needed.
set -euo pipefail
release=Lucene.Net_4_8_0_beta00017
path=src/Lucene.Net.TestFramework/Store/BaseDirectoryTestCase.cs
cd "$(dirname "$0")"
if [ -n "${LUCENENET:-}" ]; then
    file=$LUCENENET/$path
else
    file=$(mktemp -d)/BaseDirectoryTestCase.cs
    curl -fsSL "https://raw.githubusercontent.com/apache/lucenenet/$release/$path" -o "$file"
fi
dotnet run -c Release --property:LuceneTestFile="$file" -- "${1:-10}"
