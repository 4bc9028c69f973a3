package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.network.HostResolvConf;
import dev.jctl.shim.supervise.EventLoop;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What lives of containers share.
 *
 * @param logs scratch space of the loop's thread
 * @param prepared filled once what was left is swept
 * @param bootId of the running kernel
 * @param events must return at once
 */
record Services(
    Places places,
    RecordFiles records,
    EventLoop loop,
    LogPump.Shared logs,
    Cgroups cgroups,
    Launcher launcher,
    Prepared prepared,
    SandboxUsers users,
    Furnishing furnishing,
    Chores chores,
    MountWatch mounts,
    HostResolvConf hostResolvConf,
    AppArmorProfile appArmor,
    SeLinux seLinux,
    InstantSource clock,
    String bootId,
    Consumer<RuntimeEvent> events) {}
