using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Percpu.Unit.Support;

namespace Percpu.Unit.Contracts;

/// <summary>The site that docfx makes has every package and every page. That it is made without a warning, <c>.ci/run</c> sees.</summary>
public sealed partial class SiteTests
{
    [Fact]
    public void Every_package_has_its_API_there()
    {
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(Repository.At(".docfx.json")));
        string[] shown = [.. settings.RootElement.GetProperty("metadata")[0].GetProperty("src").EnumerateArray().SelectMany(source => source.GetProperty("files").EnumerateArray())
            .Select(file => Path.GetFileNameWithoutExtension(file.GetString()!)).Order(StringComparer.Ordinal)];
        // PercpuRef.Coyote is PercpuRef over another seam: the same API.
        string[] packages = [.. Directory.EnumerateFiles(Repository.At("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => XDocument.Load(file).Descendants("IsPackable").Any(element => element.Value == "true"))
            .Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => name != "PercpuRef.Coyote").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(packages);
        Assert.Equal(packages, shown);
    }

    [Fact]
    public void Every_page_of_the_documentation_is_in_the_table_of_contents()
    {
        string contents = File.ReadAllText(Repository.At("docs/toc.yml"));
        string[] listed = [.. Page().Matches(contents).Select(match => match.Groups[1].Value).Where(page => !page.Contains('/', StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(Directory.EnumerateFiles(Repository.At("docs"), "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal), listed);
    }

    [GeneratedRegex(@"^\s*href: (\S+\.md)$", RegexOptions.Multiline)]
    private static partial Regex Page();
}
