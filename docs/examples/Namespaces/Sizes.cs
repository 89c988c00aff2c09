using System.CommandLine.Parsing;
using System.Globalization;

namespace Percpu.Examples.Namespaces;

/// <summary>Numbers of bytes on the command line: decimal, or hexadecimal behind 0x, or with K, M, G or T for powers of 1,024.</summary>
internal static class Sizes
{
    internal static long? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (TryParse(text, out long value))
            return value;
        result.AddError($"'{text}' is no number of bytes, such as 4096, 0x1000, 128K or 2M.");
        return null;
    }

    internal static bool TryParse(string text, out long value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        string digits = text.TrimEnd('B', 'b').TrimEnd('i');
        int shift = digits.Length == 0 ? 0 : char.ToUpperInvariant(digits[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (shift != 0)
            digits = digits[..^1];
        bool parsed = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= long.MaxValue >> shift;
        value = parsed ? value << shift : 0;
        return parsed;
    }
}
