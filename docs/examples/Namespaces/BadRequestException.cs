namespace Percpu.Examples.Namespaces;

/// <summary>Something that the user asked for and that there is not.</summary>
internal sealed class BadRequestException(string message) : Exception(message);
