namespace Percpu.Pagemap;

/// <summary>What is known of a namespace from elsewhere, before its medium is looked at.</summary>
/// <param name="Uuid">The label's; zeros without a label.</param>
/// <param name="LabelMinor">1 or 2 for labels 1.1 and 1.2; 0 without a label.</param>
/// <param name="Claim">What a label 1.2 says that the namespace holds; null where it says nothing.</param>
/// <param name="Start">Where the namespace begins in its region.</param>
internal readonly record struct NamespaceIdentity(Guid Uuid, int LabelMinor, NamespaceMode? Claim, long Start);
