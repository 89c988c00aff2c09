namespace Percpu.Interleavings.Engines;

/// <summary>The engines of this build besides the built-in one.</summary>
internal static partial class EngineCatalog
{
    internal const string BuiltIn = "builtin", Coyote = "coyote";

    /// <exception cref="UnsupportedException">This build has no such engine.</exception>
    internal static void Check(string name)
    {
        if (name != BuiltIn)
            Find(name);
    }

    /// <summary>Whether this build has Coyote.</summary>
    internal static bool HasCoyote
    {
        get
        {
            Engine? engine = null;
            CreateCoyote(ref engine);
            return engine is not null;
        }
    }

    /// <summary>An engine other than the built-in one.</summary>
    /// <exception cref="UnsupportedException">This build has no such engine.</exception>
    internal static Engine Find(string name)
    {
        if (name != Coyote)
            throw new UnsupportedException($"There is no engine '{name}', only {BuiltIn} and {Coyote}.");
        Engine? engine = null;
        CreateCoyote(ref engine);
        return engine
            ?? throw new UnsupportedException("This build is without Microsoft.Coyote: it was made with -p:Coyote=false.");
    }

    // Stays empty without the folder Engines/Coyote, which -p:Coyote=false leaves out.
    static partial void CreateCoyote(ref Engine? engine);
}
