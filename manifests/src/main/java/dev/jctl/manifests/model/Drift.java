package dev.jctl.manifests.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that others changed: in an object, or of what is made of it on the machine. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Drift(
    @Field(doc = "The object, such as container/default/web; none: the one that says so.")
        @Nullable String object,
    @Field(
            doc =
                "The fields that differed, or whose effect on the machine did (rules: those of the"
                    + " firewall); none: the object was deleted.")
        List<String> fields,
    @Field(doc = "When it was seen.", format = "date-time") String seen,
    @Field(doc = "Whether it is as declared again.") Boolean repaired,
    @Field(doc = "What differed on the machine.") @Nullable String message) {}
