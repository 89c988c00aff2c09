using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Percpu.ApiDocs;

/// <summary>The comments of an assembly's XML file as Markdown, by member id.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> _members;

    private XmlComments(Dictionary<string, XElement> members) => _members = members;

    internal static XmlComments Load(string path) => new(XDocument.Load(path, LoadOptions.PreserveWhitespace).Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value));

    /// <summary>Empty for a member without a comment.</summary>
    internal string Of(string id)
    {
        if (!_members.TryGetValue(id, out XElement? member))
            return "";
        var text = new StringBuilder();
        foreach (XElement part in member.Elements())
        {
            string body = Inline(part);
            if (body.Length == 0)
                continue;
            string line = part.Name.LocalName switch
            {
                "summary" or "remarks" => body,
                "param" or "typeparam" => $"- `{part.Attribute("name")!.Value}`: {body}",
                "returns" => $"- Returns: {body}",
                "exception" => $"- Throws `{Short(part.Attribute("cref")!.Value)}`: {body}",
                _ => body,
            };
            text.AppendLine(line).AppendLine();
        }
        return text.ToString();
    }

    private static string Inline(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" or "seealso" } see => $"`{Short(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? "")}`",
                XElement { Name.LocalName: "paramref" or "typeparamref" } name => $"`{name.Attribute("name")!.Value}`",
                XElement { Name.LocalName: "c" or "code" } code => $"`{code.Value}`",
                XElement { Name.LocalName: "item" } item => $" • {Inline(item)}",
                XElement other => $" {Inline(other)} ",
                _ => "",
            });
        }
        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    /// <summary>The last two parts of an id, without parameters and arity.</summary>
    private static string Short(string id)
    {
        string name = id.Split('(')[0];
        name = Arity().Replace(name.Length > 1 && name[1] == ':' ? name[2..] : name, "");
        string[] parts = name.Split('.');
        return id.StartsWith("T:", StringComparison.Ordinal) ? parts[^1] : string.Join('.', parts.TakeLast(2));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"`+\d+")]
    private static partial Regex Arity();
}
