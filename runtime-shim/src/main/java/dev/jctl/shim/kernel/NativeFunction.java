package dev.jctl.shim.kernel;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/** A native function whose arguments and result fit into registers. */
final class NativeFunction {
  private static final Invoker INVOKER = Invoker.getInstance();

  private final long address;
  private final CallContext context;

  private NativeFunction(long address, CallContext context) {
    this.address = address;
    this.context = context;
  }

  /** Of the C library. */
  static NativeFunction of(String name, int arguments) {
    return of(Library.getDefault(), name, arguments);
  }

  static NativeFunction of(Library library, String name, int arguments) {
    long address = library.getSymbolAddress(name);
    if (address == 0) {
      throw new UnsatisfiedLinkError("no library has the function " + name);
    }
    return new NativeFunction(address, Contexts.OF[arguments]);
  }

  /** By number of arguments; a way to call is made once for each. */
  private static final class Contexts {
    static final CallContext[] OF = new CallContext[8];

    static {
      for (int i = 0; i < OF.length; i++) {
        Type[] parameters = new Type[i];
        Arrays.fill(parameters, Type.SINT64);
        OF[i] =
            CallContext.getCallContext(Type.SINT64, parameters, CallingConvention.DEFAULT, true);
      }
    }
  }

  long call(long a) {
    return INVOKER.invokeN1(context, address, a);
  }

  long call(long a, long b) {
    return INVOKER.invokeN2(context, address, a, b);
  }

  long call(long a, long b, long c) {
    return INVOKER.invokeN3(context, address, a, b, c);
  }

  long call(long a, long b, long c, long d) {
    return INVOKER.invokeN4(context, address, a, b, c, d);
  }

  long call(long a, long b, long c, long d, long e) {
    return INVOKER.invokeN5(context, address, a, b, c, d, e);
  }

  long call(long a, long b, long c, long d, long e, long f) {
    return INVOKER.invokeN6(context, address, a, b, c, d, e, f);
  }

  /** The seventh goes by the stack, which jffi has no short form for. */
  long call(long a, long b, long c, long d, long e, long f, long g) {
    HeapInvocationBuffer arguments = new HeapInvocationBuffer(context);
    arguments.putLong(a);
    arguments.putLong(b);
    arguments.putLong(c);
    arguments.putLong(d);
    arguments.putLong(e);
    arguments.putLong(f);
    arguments.putLong(g);
    return INVOKER.invokeLong(context, address, arguments);
  }
}
