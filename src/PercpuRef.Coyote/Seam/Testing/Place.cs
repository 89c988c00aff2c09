namespace Percpu.Testing;

/// <summary>Where in the library's source something happens.</summary>
internal readonly record struct Place(string Member, int Line)
{
    public override string ToString() => Member is null ? "nowhere yet" : $"{Member}, line {Line}";
}
