// The inlined fast paths must stay small: in a caller's loop the JIT would store a zero into each local of an inlined
// method, and those stores count towards the size above which it does not copy the finally of a using statement into the
// normal path. No code here reads a local, or memory of a stackalloc, before it has written it.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
