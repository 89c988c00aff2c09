using System.Globalization;
using System.Reflection;
using System.Text;

namespace Percpu.HostTests.Contracts;

/// <summary>Describes what an assembly shows, one line a member, sorted: a text that changes only with the surface.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    internal static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            IEnumerable<string> lines = type.IsEnum ? EnumLines(type) : type.GetMembers(Declared).Select(Line).OfType<string>().Order(StringComparer.Ordinal);
            foreach (string line in lines)
                text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }
        return text.ToString();
    }

    private static IEnumerable<string> EnumLines(Type type) =>
        Enum.GetNames(type).Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}"));

    private static string Header(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => (type.IsDefined(typeof(FlagsAttribute)) ? "[Flags] " : "") + "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsSealed: true } => "sealed class",
            { IsAbstract: true } => "abstract class",
            _ => "class",
        };
        IEnumerable<Type> bases = type.IsEnum || type.IsValueType || type.BaseType == typeof(object) || type.BaseType is null ? [] : [type.BaseType];
        IEnumerable<Type> interfaces = type.IsEnum ? [] : type.GetInterfaces();
        string[] parents = [.. bases.Select(Name), .. interfaces.Select(Name).Order(StringComparer.Ordinal)];
        return $"{kind} {type.Namespace}.{Name(type)}{(parents.Length > 0 ? " : " + string.Join(", ", parents) : "")}";
    }

    private static string? Line(MemberInfo member) => member switch
    {
        MethodBase method when IsVisible(method) && (!method.IsSpecialName || method is ConstructorInfo || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(method),
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors => Property(property, accessors),
        FieldInfo { IsPublic: true } or FieldInfo { IsFamily: true } or FieldInfo { IsFamilyOrAssembly: true } => Field((FieldInfo)member),
        EventInfo @event when @event.AddMethod is { } add && IsVisible(add) => $"event {Name(@event.EventHandlerType!)} {@event.Name}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string[] Accessors(PropertyInfo property)
    {
        var shown = new List<string>();
        if (property.GetMethod is { } get && IsVisible(get))
            shown.Add("get;");
        if (property.SetMethod is { } set && IsVisible(set))
            shown.Add(set.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init;" : "set;");
        return [.. shown];
    }

    private static string Property(PropertyInfo property, string[] accessors)
    {
        MethodInfo any = property.GetMethod ?? property.SetMethod!;
        return $"{Modifiers(any)}{Name(property.PropertyType)}{Mark(new NullabilityInfoContext().Create(property).ReadState, property.PropertyType)} {property.Name} {{ {string.Join(' ', accessors)} }}";
    }

    private static string Field(FieldInfo field)
    {
        string value = field.IsLiteral ? string.Create(CultureInfo.InvariantCulture, $" = {field.GetRawConstantValue()}") : "";
        string kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        return $"{kind}{Name(field.FieldType)} {field.Name}{value}";
    }

    private static string Method(MethodBase method)
    {
        string parameters = string.Join(", ", method.GetParameters().Select(Parameter));
        if (method is ConstructorInfo)
            return method.IsStatic ? "" : $"{Modifiers(method)}new({parameters})";
        var info = (MethodInfo)method;
        string generic = info.IsGenericMethodDefinition ? $"<{string.Join(", ", info.GetGenericArguments().Select(Name))}>" : "";
        return $"{Modifiers(info)}{Name(info.ReturnType)}{Mark(new NullabilityInfoContext().Create(info.ReturnParameter).ReadState, info.ReturnType)} {info.Name}{generic}({parameters})";
    }

    private static string Parameter(ParameterInfo parameter)
    {
        string direction = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        string value = !parameter.HasDefaultValue ? "" : " = " + (parameter.DefaultValue ?? "default");
        return $"{direction}{Name(parameter.ParameterType)}{Mark(new NullabilityInfoContext().Create(parameter).WriteState, parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Modifiers(MethodBase method)
    {
        string modifiers = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
            return modifiers + "static ";
        bool overrides = method is MethodInfo info && info.GetBaseDefinition().DeclaringType != info.DeclaringType;
        return modifiers + (overrides ? "override " : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");
    }

    private static string Mark(NullabilityState state, Type type) => state == NullabilityState.Nullable && !type.IsValueType ? "?" : "";

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";
        string name = type.DeclaringType is { } outer && !type.IsGenericParameter ? $"{Name(outer)}.{type.Name}" : type.Name;
        return type.IsGenericType ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
