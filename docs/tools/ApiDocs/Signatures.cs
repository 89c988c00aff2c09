using System.Reflection;

namespace Percpu.ApiDocs;

/// <summary>Names of types and members: as C# writes them, and as the compiler's XML file does.</summary>
internal static class Signatures
{
    internal static string NameOf(Type type)
    {
        if (type.IsByRef)
            return NameOf(type.GetElementType()!);
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        string name = type.Name.Split('`')[0];
        Type[] arguments = type.GetGenericArguments();
        return arguments.Length == 0 || !type.Name.Contains('`') ? name : $"{name}<{string.Join(", ", arguments.Select(NameOf))}>";
    }

    internal static string Of(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{NameOf(constructor.DeclaringType!)}({Parameters(constructor)})",
        MethodInfo method => $"{NameOf(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})",
        PropertyInfo property => $"{NameOf(property.PropertyType)} {property.Name}",
        _ => member.Name,
    };

    /// <summary>The id of the C# language specification, annex D.</summary>
    internal static string IdOf(MemberInfo member) => member switch
    {
        Type type => "T:" + TypeId(type),
        ConstructorInfo constructor => $"M:{TypeId(constructor.DeclaringType!)}.#ctor{ParameterIds(constructor)}",
        MethodInfo method => $"M:{TypeId(method.DeclaringType!)}.{method.Name}{(method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "")}{ParameterIds(method)}",
        PropertyInfo property => $"P:{TypeId(property.DeclaringType!)}.{property.Name}",
        FieldInfo field => $"F:{TypeId(field.DeclaringType!)}.{field.Name}",
        _ => member.Name,
    };

    private static string TypeId(Type type) => type.FullName!.Replace('+', '.');

    private static string ParameterIds(MethodBase method) =>
        method.GetParameters() is { Length: > 0 } parameters ? $"({string.Join(',', parameters.Select(parameter => ParameterId(parameter.ParameterType)))})" : "";

    private static string ParameterId(Type type)
    {
        if (type.IsByRef)
            return ParameterId(type.GetElementType()!) + "@";
        if (type.IsArray)
            return ParameterId(type.GetElementType()!) + "[]";
        if (type.IsGenericMethodParameter)
            return "``" + type.GenericParameterPosition;
        if (type.IsGenericTypeParameter)
            return "`" + type.GenericParameterPosition;
        if (!type.IsGenericType)
            return TypeId(type);
        string name = type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.');
        return $"{name}{{{string.Join(',', type.GetGenericArguments().Select(ParameterId))}}}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "")}{NameOf(parameter.ParameterType)} {parameter.Name}"));

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "";
}
