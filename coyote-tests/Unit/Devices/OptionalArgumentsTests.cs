using System.Reflection;
using Percpu.Pagemap;

namespace Percpu.Unit.Devices;

/// <summary>What an argument is that a caller leaves out: compiled into callers, so a change would go by every one of them until it is built anew.</summary>
public sealed class OptionalArgumentsTests
{
    [Fact]
    public void An_argument_that_is_left_out_is_what_the_documentation_says()
    {
        string[] found =
        [
            .. typeof(PagemapTable).Assembly.GetExportedTypes()
                .SelectMany(static type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).OfType<MethodBase>())
                .SelectMany(static method => method.GetParameters().Where(static each => each.HasDefaultValue && each.DefaultValue is not null)
                    .Select(each => $"{method.DeclaringType!.Name}.{(method.IsConstructor ? "new" : method.Name)} {each.Name}: {each.DefaultValue}"))
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            [
                "AddressSpace.GetUserPages flags: Get, Touch", "AddressSpace.GetUserPagesFast flags: Get", "AddressSpace.MapAnonymous access: ReadWrite",
                "AddressSpace.MapDax access: ReadWrite", "AddressSpace.MapMixed access: ReadWrite", "AddressSpace.PinUserPages flags: Get",
                "Device.new numaNode: -1", "LabelArea.Create frames: Medium", "LabelArea.Create minor: 1", "LabelArea.Create name: ", "LabelArea.Create sectorSize: 4096",
                "LabelArea.Create setCookie: 0", "LabelArea.Open size: 0", "PhysicalSpace.AddDevice readOnly: False", "PhysicalSpace.Intersects kind: SystemRam",
                "PhysicalSpace.new addressBits: 46", "PmemNamespace.Format frames: Medium", "PmemNamespace.Format sectorSize: 4096", "PmemNamespace.With allowDamaged: False",
                "PmemNamespace.With mapPages: False", "PmemNamespace.new mapPages: False",
            ],
            found);
    }
}
