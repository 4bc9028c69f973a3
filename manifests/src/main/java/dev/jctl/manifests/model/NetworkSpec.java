package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network of one machine. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkSpec(
    @Field(
            doc =
                "How it is made: a bridge of its own, or beside the machine on the network of its"
                    + " device parent.",
            allowed = {"bridge", "macvlan", "ipvlan"},
            defaultValue = "\"bridge\"")
        @Nullable String driver,
    @Field(doc = "With macvlan and ipvlan: the device of the machine, such as eth0.")
        @Nullable String parent,
    @Field(
            doc =
                "With macvlan: bridge (when nothing is said), private, vepa or passthru; with"
                    + " ipvlan: l2 (when nothing is said), l3 or l3s.",
            allowed = {"bridge", "private", "vepa", "passthru", "l2", "l3", "l3s"})
        @Nullable String mode,
    @Field(
            doc = "Without subnets: IPv4, IPv6 or both, of which it gets one each; none: IPv4.",
            set = true)
        @Nullable List<String> ipFamilies,
    @Field(
            doc =
                "Subnets such as 10.90.0.0/24; none: one from the default pool, of which macvlan"
                    + " and ipvlan have none.")
        @Nullable List<String> subnets,
    @Field(
            doc =
                "The router's address in each subnet; default the first. With a bridge it is the"
                    + " bridge's own.",
            set = true)
        @Nullable List<String> gateways,
    @Field(doc = "Blocks of the subnets from which addresses are given out; none: all of them.")
        @Nullable List<String> ranges,
    @Field(doc = "Whether it has no route to the outside.") @Nullable Boolean internal,
    @Field(
            doc = "The largest packet in bytes; default that of the machine's route.",
            min = 68,
            max = 65535)
        @Nullable Integer mtu,
    @Field(
            doc =
                "Whether TCP among its containers comes in packets of up to 192 KiB (BIG TCP), which"
                    + " is faster; what leaves the machine is then cut by its processor rather than its"
                    + " network card. Default: that of internal.")
        @Nullable Boolean bigTCP) {}
