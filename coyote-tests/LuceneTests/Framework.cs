// What Lucene.Net's BaseDirectoryTestCase takes from a test framework that is no package: so much of it as that file uses.
using System.Collections;
using Lucene.Net.Store;
using LuceneDirectory = Lucene.Net.Store.Directory;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute;
}

namespace Lucene.Net.Attributes
{
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
    public sealed class LuceneNetSpecificAttribute : Attribute;
}

namespace Lucene.Net.Support
{
    internal static class Arrays
    {
        public static void Copy(Array from, int start, Array to, int at, int length) => Array.Copy(from, start, to, at, length);
    }

    internal sealed class CRC32
    {
        private uint _state = uint.MaxValue;

        public long Value => ~_state;

        public void Update(byte[] bytes)
        {
            foreach (byte value in bytes)
            {
                _state ^= value;
                for (int i = 0; i < 8; i++)
                    _state = (_state >> 1) ^ ((_state & 1) * 0xEDB8_8320);
            }
        }
    }
}

namespace Lucene
{
    /// <summary>Java's names of exceptions, for .NET's.</summary>
    internal static class ExceptionExtensions
    {
        public static bool IsNoSuchFileExceptionOrFileNotFoundException(this Exception e) => e is FileNotFoundException or DirectoryNotFoundException;

        public static bool IsIOException(this Exception e) => e is IOException or ObjectDisposedException or UnauthorizedAccessException;

        public static bool IsException(this Exception e) => e is not OutOfMemoryException;

        public static bool IsAccessDeniedException(this Exception e) => e is UnauthorizedAccessException;
    }

    internal static class RuntimeException
    {
        public static Exception Create(Exception e) => new InvalidOperationException(e.Message, e);
    }
}

namespace RandomizedTesting.Generators
{
    internal static class RandomExtensions
    {
        public static int nextInt(this Random random) => random.Next(int.MinValue, int.MaxValue);

        public static int nextInt(this Random random, int below) => random.Next(below);

        public static bool nextBoolean(this Random random) => random.Next(2) == 0;

        public static long nextLong(this Random random) => random.NextInt64(long.MinValue, long.MaxValue);
    }

    internal static class RandomBytes
    {
        public static byte[] RandomBytesOfLengthBetween(Random random, int least, int most)
        {
            byte[] bytes = new byte[random.Next(least, most + 1)];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    internal static class RandomInts
    {
        public static int RandomInt32Between(Random random, int least, int most) => random.Next(least, most + 1);
    }

    internal static class RandomPicks
    {
        public static T RandomFrom<T>(Random random, IList<T> list) => list[random.Next(list.Count)];
    }
}

namespace Lucene.Net.TestFramework
{
    /// <summary>A test that does not apply.</summary>
    internal sealed class NotApplicableException(string message) : Exception(message);

    internal static class Assert
    {
        public static void IsTrue(bool condition, string message = "") => Check(condition, message);

        public static void IsFalse(bool condition, string message = "") => Check(!condition, message);

        public static void AreEqual(object? expected, object? actual, string message = "") =>
            Check(StructuralComparisons.StructuralEqualityComparer.Equals(expected, actual)
                || (expected is IConvertible && actual is IConvertible && Convert.ToDecimal(expected) == Convert.ToDecimal(actual)), $"{expected} was expected, {actual} found. {message}");

        public static void Fail(string message = "") => Check(false, message);

        public static T Throws<T>(Action action)
            where T : Exception
        {
            try
            {
                action();
            }
            catch (T exception)
            {
                return exception;
            }
            throw new InvalidOperationException($"No {typeof(T).Name}.");
        }

        public static void DoesNotThrow(Action action) => action();

        public static void ThrowsFileAlreadyExistsException(string path, Action action) => Throws<IOException>(action);

        private static void Check(bool condition, string message)
        {
            if (!condition)
                throw new InvalidOperationException("Failed: " + message);
        }
    }
}

namespace Lucene.Net.Util
{
    /// <summary>The base class of Lucene's tests.</summary>
    public abstract class LuceneTestCase
    {
        private static readonly List<DirectoryInfo> Folders = [];

        public static Random Random { get; internal set; } = new(1);

        internal static void DeleteFolders()
        {
            foreach (DirectoryInfo folder in Folders.Where(folder => folder.Exists))
                folder.Delete(recursive: true);
            Folders.Clear();
        }

        protected static DirectoryInfo CreateTempDir(string name = "test")
        {
            DirectoryInfo folder = System.IO.Directory.CreateTempSubdirectory($"percpu-{name}-");
            Folders.Add(folder);
            return folder;
        }

        protected static IOContext NewIOContext(Random random) => random.Next(4) switch
        {
            0 => IOContext.READ_ONCE,
            1 => IOContext.READ,
            2 => new IOContext(new MergeInfo(random.Next(1_000), random.Next(100_000), true, -1)),
            _ => IOContext.DEFAULT,
        };

        protected static LuceneDirectory NewDirectory() => new RAMDirectory();

        protected static int AtLeast(int count) => count;

        protected static bool SlowFileExists(LuceneDirectory directory, string name) => directory.ListAll().Contains(name);

        protected static void AssumeTrue(string message, bool condition)
        {
            if (!condition)
                throw new TestFramework.NotApplicableException(message);
        }

        protected static void assertTrue(bool condition) => TestFramework.Assert.IsTrue(condition);

        protected static void assertTrue(string message, bool condition) => TestFramework.Assert.IsTrue(condition, message);

        protected static void assertFalse(bool condition) => TestFramework.Assert.IsFalse(condition);

        protected static void assertFalse(string message, bool condition) => TestFramework.Assert.IsFalse(condition, message);

        protected static void assertEquals(object? expected, object? actual) => TestFramework.Assert.AreEqual(expected, actual);

        protected static void assertEquals(string message, object? expected, object? actual) => TestFramework.Assert.AreEqual(expected, actual, message);

        protected static void fail(string message = "") => TestFramework.Assert.Fail(message);
    }

    internal static class TestUtil
    {
        public static int NextInt32(Random random, int least, int most) => (int)random.NextInt64(least, (long)most + 1);

        public static long NextInt64(Random random, long least, long most) => random.NextInt64(least, most + 1);

        public static string RandomSimpleString(Random random, int least = 0, int most = 10) =>
            string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => (char)('a' + random.Next(26))));
    }
}
