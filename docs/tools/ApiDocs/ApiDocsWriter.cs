using System.Reflection;
using System.Text;

namespace Percpu.ApiDocs;

/// <summary>Writes the public surface of an assembly as Markdown.</summary>
public static class ApiDocsWriter
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Writes one file per public type into a folder. Returns how many.</summary>
    /// <param name="assembly">The assembly; its XML file lies beside it.</param>
    /// <param name="folder">Created if need be.</param>
    /// <exception cref="FileNotFoundException">There is no XML file.</exception>
    public static int Write(Assembly assembly, string folder)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var comments = XmlComments.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        Directory.CreateDirectory(folder);
        int count = 0;
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            string name = type.FullName!.Replace('+', '.').Replace('`', '-');
            File.WriteAllText(Path.Combine(folder, name + ".md"), Describe(type, comments));
            count++;
        }
        return count;
    }

    private static string Describe(Type type, XmlComments comments)
    {
        var text = new StringBuilder();
        text.AppendLine($"# {Signatures.NameOf(type)}").AppendLine();
        text.AppendLine($"Namespace `{type.Namespace}`, assembly `{type.Assembly.GetName().Name}`.").AppendLine();
        text.Append(comments.Of(Signatures.IdOf(type)));
        foreach (MemberInfo member in type.GetMembers(Declared).Where(IsDocumented).OrderBy(member => member.MemberType).ThenBy(member => member.Name, StringComparer.Ordinal))
        {
            string comment = comments.Of(Signatures.IdOf(member));
            if (comment.Length == 0)
                continue; // Inherited documentation, or made by the compiler.
            text.AppendLine($"## `{Signatures.Of(member)}`").AppendLine().Append(comment);
        }
        return text.ToString();
    }

    private static bool IsDocumented(MemberInfo member) => member switch
    {
        MethodBase method => IsVisible(method) && (!method.IsSpecialName || method is ConstructorInfo || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        PropertyInfo property => property.GetMethod is { } getter && IsVisible(getter),
        FieldInfo field => field.IsPublic && !field.IsSpecialName,
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
